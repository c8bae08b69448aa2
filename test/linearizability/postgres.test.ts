import { describe, expect, it } from 'vitest'
import { createPostgresScratch } from '../storage/verbs/postgres-scratch'
import type { Circumstance } from './circumstances'
import type { Site } from './window'
import { createWindowWorkshop } from './window-workers'
import { runWindows, say, TIMEOUT_MS, WINDOWS } from './windows'

const scratch = createPostgresScratch()
const { startWorkers, together } = createWindowWorkshop()

async function openSite(): Promise<Site> {
  const { url, schema } = await scratch.schema()
  const store = await scratch.open({ url, schema })
  return { store, on: { url, schema }, workers: await startWorkers(3), together }
}

describe('three processes on one PostgreSQL database', () => {
  it('do everything as if one after the other', { timeout: TIMEOUT_MS }, async () => {
    const found = await runWindows(await openSite(), 'sound', WINDOWS)
    say('postgres', 'sound', found)
    expect(found.violations).toEqual([])
    expect(found.conflicts).toBeGreaterThan(0)
  })

  it('do so too where answers are lost', { timeout: TIMEOUT_MS }, async () => {
    const found = await runWindows(await openSite(), 'loses answers', Math.ceil(WINDOWS / 5))
    say('postgres', 'loses answers', found)
    expect(found.violations).toEqual([])
    expect(found.unknown).toBeGreaterThan(0)
  })

  it.each<Circumstance>(['ignores revisions', 'replaces rows', 'answers from memory'])(
    'are found out with a storage that %s',
    { timeout: TIMEOUT_MS },
    async (circumstance) => {
      const found = await runWindows(await openSite(), circumstance, WINDOWS, 'violation')
      say('postgres', circumstance, found)
      expect(found.violations).not.toEqual([])
    },
  )
})
