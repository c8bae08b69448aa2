/** Writes the reference pages of the documents. Usage: tsx test/types/write-reference.ts */
import { writeFile } from 'node:fs/promises'
import { REFERENCES, referencePage } from './reference-page'

for (const reference of REFERENCES) {
  await writeFile(new URL(`../../${reference.file}`, import.meta.url), referencePage(reference))
}
