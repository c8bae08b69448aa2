import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import type { LicenseKit } from '../../../src/client'
import { seededRandom } from '../../seeded-random'
import { createDesk, type Desk, later } from '../desk'
import { printFigures } from '../figures'
import { createClaims, DAY, LICENSE_KEY } from '../token-factory'

const HOUR = 3_600
/** What a clock may be behind before it is found: the tolerance, and after a restart the step the file's mark has. */
const TOLERANCE = 300
const TOLERANCE_AFTER_RESTART = 600
const { iat, exp } = createClaims()
const GRACE_END = exp - iat + 7 * DAY

const figures = { turns: 0, grants: 0, extraLicensedSeconds: 0, extraLicensedSecondsOfControl: 0 }

printFigures('C06', figures)

async function activated(): Promise<Desk & { readonly kit: LicenseKit }> {
  const desk = await createDesk()
  const kit = desk.start()
  await kit.activate(LICENSE_KEY)
  return { ...desk, kit }
}

/** Where the clock stands, in seconds since the activation, and what the app then says. */
type Story = readonly (readonly [number, string])[]

const STORIES: Readonly<Record<string, Story>> = {
  'ten days back': [
    [2 * DAY, 'valid'],
    [-8 * DAY, 'clock-tampered'],
    [2 * DAY, 'valid'],
  ],
  'four hundred days ahead, and back again': [
    [DAY, 'valid'],
    [400 * DAY, 'expired'],
    [DAY, 'clock-tampered'],
    [14 * DAY, 'grace'],
  ],
  'back within grace, for more of it': [
    [15 * DAY, 'grace'],
    [20 * DAY, 'grace'],
    [15 * DAY, 'clock-tampered'],
    [20 * DAY, 'grace'],
    [21 * DAY, 'expired'],
    [14 * DAY, 'clock-tampered'],
    [20 * DAY - HOUR, 'clock-tampered'],
  ],
  'a dead battery: 1970 until the network sets the clock': [
    [DAY, 'valid'],
    [-iat, 'clock-tampered'],
    [-iat + HOUR, 'clock-tampered'],
    [DAY + HOUR, 'valid'],
  ],
  'two systems on one computer that read its clock differently': [
    [DAY, 'valid'],
    [DAY + 2 * HOUR, 'valid'],
    [DAY + HOUR, 'clock-tampered'],
    [DAY + 2 * HOUR, 'valid'],
  ],
  'an hour set back by hand in autumn': [
    [DAY, 'valid'],
    [DAY - HOUR, 'clock-tampered'],
    [DAY - TOLERANCE, 'valid'],
  ],
  'a clock that is corrected by seconds': [
    [DAY, 'valid'],
    [DAY - 20, 'valid'],
    [DAY - TOLERANCE, 'valid'],
  ],
}

describe.each(Object.entries(STORIES))('%s', (_, story) => {
  it.each(['one process', 'a restart at each step'])('%s', async (processes) => {
    const { clock, kit, start, server, dataDir } = await activated()
    for (const [seconds, status] of story) {
      clock.now = later(seconds)
      const check = await (processes === 'one process' ? kit : start()).check()
      expect([seconds, check.status]).toEqual([seconds, status])
    }
    expect(await readFile(path.join(dataDir, 'license.json'), 'utf8')).toContain(LICENSE_KEY)

    // Whatever came before, one contact under a right clock puts it right.
    clock.now = later(5 * DAY)
    server.now = clock.now
    expect(await start().refresh()).toMatchObject({ status: 'valid' })
    expect(await kit.check()).toMatchObject({ status: 'valid' })
  })
})

describe('contact under a wrong clock', () => {
  it('1970: says so, keeps the license, and needs no second contact once the clock is right', async () => {
    const { clock, start, server } = await activated()
    clock.now = new Date(10_000)
    server.now = later(DAY)
    expect(await start().refresh()).toMatchObject({ status: 'clock-tampered' })
    clock.now = later(DAY)
    await server.close()
    expect(await start().check()).toMatchObject({ status: 'valid' })
  })

  it('400 days ahead: expired there, and no harm once the clock is right', async () => {
    const { clock, start, server } = await activated()
    clock.now = later(400 * DAY)
    server.now = later(DAY)
    expect(await start().refresh()).toMatchObject({ status: 'expired' })
    clock.now = later(DAY)
    expect(await start().refresh()).toMatchObject({ status: 'valid' })
  })

  it('an invalid date is refused, and forgotten with the next valid one', async () => {
    const { clock, kit } = await activated()
    clock.now = new Date(Number.NaN)
    expect(await kit.check()).toMatchObject({ usable: false })
    clock.now = later(DAY)
    expect(await kit.check()).toMatchObject({ status: 'valid' })
  })
})

describe('a clock turned at random, offline', () => {
  const ROUNDS = 20
  const TURNS = 60

  it('is granted no second twice, and none after grace', async () => {
    const random = seededRandom(20_260_301)
    for (let round = 0; round < ROUNDS; round++) {
      const { clock, start } = await activated()
      let app = start()
      let reached = 0
      let reachedNaively = 0
      for (let turn = 0; turn < TURNS; turn++) {
        // Mostly about where it was, sometimes anywhere, up to and past the end.
        const seconds = Math.floor(random() < 0.6 ? reached + (random() - 0.4) * DAY : random() * 1.5 * GRACE_END)
        clock.now = later(seconds)
        figures.turns++
        if (random() < 0.3) app = start()
        if ((await app.check()).usable) {
          figures.grants++
          figures.extraLicensedSeconds += grantedAgain(reached, seconds)
          reached = Math.max(reached, seconds)
        }
        if (seconds < GRACE_END) {
          figures.extraLicensedSecondsOfControl += grantedAgain(reachedNaively, seconds)
          reachedNaively = Math.max(reachedNaively, seconds)
        }
      }
    }
    expect(figures.grants).toBeGreaterThan(ROUNDS * 3)
    expect(figures.extraLicensedSeconds).toBe(0)
    // The control looks at the token and the clock alone.
    expect(figures.extraLicensedSecondsOfControl).toBeGreaterThan(100 * DAY)
  })

  /** Seconds before what was granted already, and seconds past the end. */
  function grantedAgain(reached: number, seconds: number): number {
    return Math.max(0, reached - TOLERANCE_AFTER_RESTART - seconds) + Math.max(0, seconds - GRACE_END + 1)
  }
})
