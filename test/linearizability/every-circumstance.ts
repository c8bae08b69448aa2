import { expect, it } from 'vitest'
import type { Circumstance } from './circumstances'
import type { Site } from './window'
import { runWindows, say, TIMEOUT_MS, WINDOWS } from './windows'

/** @param engine names what is measured */
export function everyCircumstance(engine: string, openSite: () => Promise<Site>): void {
  it('do everything as if one after the other', { timeout: TIMEOUT_MS }, async () => {
    const found = await runWindows(await openSite(), 'sound', WINDOWS)
    say(engine, 'sound', found)
    expect(found.violations).toEqual([])
    expect(found.conflicts).toBeGreaterThan(0)
  })

  it('do so too where answers are lost', { timeout: TIMEOUT_MS }, async () => {
    const found = await runWindows(await openSite(), 'loses answers', Math.ceil(WINDOWS / 5))
    say(engine, 'loses answers', found)
    expect(found.violations).toEqual([])
    expect(found.unknown).toBeGreaterThan(0)
  })

  it.each<Circumstance>(['ignores revisions', 'replaces rows', 'answers from memory'])(
    'are found out with a storage that %s',
    { timeout: TIMEOUT_MS },
    async (circumstance) => {
      const found = await runWindows(await openSite(), circumstance, WINDOWS, 'violation')
      say(engine, circumstance, found)
      expect(found.violations).not.toEqual([])
    },
  )
}
