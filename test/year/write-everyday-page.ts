/** Writes docs/everyday.md. Usage: tsx test/year/write-everyday-page.ts */
import { writeFile } from 'node:fs/promises'
import { everydayPage } from './everyday-page'

await writeFile(new URL('../../docs/everyday.md', import.meta.url), everydayPage())
