import { readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { everydayPage } from './everyday-page'
import { STORIES } from './stories'

it('docs/everyday.md says what the stories of the year say', async () => {
  expect(await readFile(new URL('../../docs/everyday.md', import.meta.url), 'utf8')).toBe(everydayPage())
})

it('tells of at least thirty circumstances, each with a name of its own', () => {
  expect(new Set(STORIES.map(({ name }) => name)).size).toBe(STORIES.length)
  expect(STORIES.length).toBeGreaterThanOrEqual(30)
})
