/** Writes docs/events.md. Usage: tsx test/types/write-event-page.ts */
import { writeFile } from 'node:fs/promises'
import { eventPage } from './event-page'

await writeFile(new URL('../../docs/events.md', import.meta.url), eventPage())
