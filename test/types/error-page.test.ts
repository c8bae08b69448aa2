import { readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { errorPage } from './error-page'

it('docs/errors.md says what the table of errors says', async () => {
  expect(await readFile(new URL('../../docs/errors.md', import.meta.url), 'utf8')).toBe(errorPage())
})
