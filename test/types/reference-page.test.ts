import { readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { REFERENCES, referencePage } from './reference-page'

it.each(REFERENCES)('$file says what the comments of the code say', async (reference) => {
  const page = await readFile(new URL(`../../${reference.file}`, import.meta.url), 'utf8')
  expect(page).toBe(referencePage(reference))
  for (const root of reference.roots) expect(page).toContain(`\n## ${root}\n`)
})
