/** Writes docs/errors.md. Usage: tsx test/types/write-error-page.ts */
import { writeFile } from 'node:fs/promises'
import { errorPage } from './error-page'

await writeFile(new URL('../../docs/errors.md', import.meta.url), errorPage())
