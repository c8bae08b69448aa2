import { readFile } from 'node:fs/promises'
import { EVENT_TYPES } from 'keyslot/server'
import { expect, it } from 'vitest'
import { eventPage } from './event-page'

it('docs/events.md says what the types of the events say, of every one', async () => {
  const page = await readFile(new URL('../../docs/events.md', import.meta.url), 'utf8')
  expect(page).toBe(eventPage())
  expect([...page.matchAll(/^## (.+)$/gm)].map(([, type]) => type).sort()).toEqual([...EVENT_TYPES].sort())
})
