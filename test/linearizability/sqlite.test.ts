import { describe, expect, it } from 'vitest'
import { createScratch } from '../storage/verbs/sqlite-scratch'
import type { Circumstance } from './circumstances'
import type { Site } from './window'
import { createWindowWorkshop } from './window-workers'
import { runWindows, say, TIMEOUT_MS, WINDOWS } from './windows'

const scratch = createScratch()
const { startWorkers, together } = createWindowWorkshop()

async function openSite(): Promise<Site> {
  const file = scratch.file()
  return { store: await scratch.open(file), on: { file }, workers: await startWorkers(3), together }
}

describe('three processes on one SQLite file', () => {
  it('do everything as if one after the other', { timeout: TIMEOUT_MS }, async () => {
    const found = await runWindows(await openSite(), 'sound', WINDOWS)
    say('sqlite', 'sound', found)
    expect(found.violations).toEqual([])
    expect(found.conflicts).toBeGreaterThan(0)
  })

  it('do so too where answers are lost', { timeout: TIMEOUT_MS }, async () => {
    const found = await runWindows(await openSite(), 'loses answers', Math.ceil(WINDOWS / 5))
    say('sqlite', 'loses answers', found)
    expect(found.violations).toEqual([])
    expect(found.unknown).toBeGreaterThan(0)
  })

  it.each<Circumstance>(['ignores revisions', 'replaces rows', 'answers from memory'])(
    'are found out with a storage that %s',
    { timeout: TIMEOUT_MS },
    async (circumstance) => {
      const found = await runWindows(await openSite(), circumstance, WINDOWS, 'violation')
      say('sqlite', circumstance, found)
      expect(found.violations).not.toEqual([])
    },
  )
})
