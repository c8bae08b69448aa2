import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import type { LicenseKit } from '../../../src/client'
import { knownTime } from '../../../src/client/store/clock-marks'
import { createTrustStore } from '../../../src/client/trust/trust-store'
import { createDesk, type Desk, later } from '../desk'
import { startLicenseServer } from '../fake-license-server'
import { createClaims, createSigningKey, DAY, LICENSE_KEY } from '../token-factory'
import { Computer } from './computer'

const HOUR = 3_600
const { iat } = createClaims()

async function activated(): Promise<Desk & { readonly kit: LicenseKit }> {
  const desk = await createDesk()
  const kit = desk.start()
  await kit.activate(LICENSE_KEY)
  return { ...desk, kit }
}

/** Where the clock stands, in seconds since the activation, and what the app then says. */
type Story = readonly (readonly [number, string])[]

const STORIES: Readonly<Record<string, Story>> = {
  'ten days back: on the budget, as often as it lasts': [
    [2 * DAY, 'valid'],
    ...Array.from({ length: 8 }, (_, time) => [-8 * DAY - time * HOUR, 'valid'] as const),
    [-9 * DAY, 'clock-tampered'],
    [2 * DAY, 'valid'],
  ],
  'four hundred days ahead, and back again: contact is wanted within the budget': [
    [DAY, 'valid'],
    [400 * DAY, 'expired'],
    [DAY, 'valid'],
    [DAY + 29 * HOUR, 'valid'],
    [DAY + 30 * HOUR, 'clock-tampered'],
    [14 * DAY, 'clock-tampered'],
  ],
  'back within grace, for more of it: the budget, once': [
    [15 * DAY, 'grace'],
    [20 * DAY, 'grace'],
    [15 * DAY, 'grace'],
    [20 * DAY, 'grace'],
    [21 * DAY, 'expired'],
    [14 * DAY, 'grace'],
    [15 * DAY, 'grace'],
    [15 * DAY + 2 * HOUR, 'clock-tampered'],
  ],
  'a dead battery: 1970 from the next start on': [
    [DAY, 'valid'],
    [-iat, 'valid'],
    [-iat + HOUR, 'valid'],
  ],
  'two systems on one computer that read its clock differently': [
    [DAY, 'valid'],
    [DAY + 2 * HOUR, 'valid'],
    [DAY + HOUR, 'valid'],
    [DAY + 2 * HOUR, 'valid'],
  ],
  'an hour set back by hand in autumn': [
    [DAY, 'valid'],
    [DAY - HOUR, 'valid'],
    [DAY, 'valid'],
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
  it.each([
    ['1969', new Date(-86_400_000)],
    ['1970', new Date(10_000)],
    ['6 minutes behind', later(DAY - 360)],
    ['400 days ahead', later(400 * DAY)],
    ['2106', new Date('2106-02-07T06:28:15Z')],
  ])('%s: the server tells the time, and it counts offline, too', async (_, wrong) => {
    const { clock, start, server } = await activated()
    clock.now = wrong
    server.now = later(DAY)
    expect(await start().refresh()).toMatchObject({ status: 'valid', lastContact: { at: later(DAY), code: 'OK' } })
    await server.close()
    clock.now = new Date(wrong.getTime() + 13 * DAY * 1000)
    expect(await start().check()).toMatchObject({ status: 'valid', refreshDue: true })
    clock.now = new Date(wrong.getTime() + 14 * DAY * 1000)
    expect(await start().check()).toMatchObject({ status: 'grace' })
  })

  it('the server a day ahead, and mended: its new time takes the place of the later one', async () => {
    const { clock, start, server } = await activated()
    clock.now = later(DAY)
    server.now = later(2 * DAY)
    expect(await start().refresh()).toMatchObject({ status: 'valid' })
    server.now = clock.now = later(DAY + HOUR)
    expect(await start().refresh()).toMatchObject({ status: 'valid', tokenExpiresAt: later(15 * DAY + HOUR) })
    expect(await start().check()).toMatchObject({ status: 'valid', refreshDue: false })
  })

  it('an answer that came later than the time-out, by the uptime, tells no time: the computer slept', async () => {
    const { clock, start, server } = await activated()
    let uptime = 0
    server.fault = () => {
      uptime += 8 * HOUR
      return false
    }
    clock.now = later(DAY)
    server.now = later(DAY - 8 * HOUR)
    const slept = start({ uptime: () => uptime })
    expect(await slept.refresh()).toMatchObject({ status: 'valid', tokenExpiresAt: later(15 * DAY - 8 * HOUR) })
    clock.now = later(15 * DAY - HOUR)
    expect(await start({ uptime: () => uptime + 14 * DAY - HOUR }).check()).toMatchObject({ status: 'grace' })
  })

  it('an invalid date is refused, and forgotten with the next valid one', async () => {
    const { clock, kit } = await activated()
    clock.now = new Date(Number.NaN)
    expect(await kit.check()).toMatchObject({ usable: false })
    clock.now = later(DAY)
    expect(await kit.check()).toMatchObject({ status: 'valid' })
  })
})

describe('a virtual machine that is paused between uses, whose uptime stands still then', () => {
  async function pausedFor(days: number) {
    const server = await startLicenseServer()
    const computer = await Computer.of(server)
    const kit = computer.app()
    await kit.activate(LICENSE_KEY)
    for (let day = 0; day < days; day++) {
      computer.pause(DAY - HOUR)
      computer.pass(HOUR)
    }
    return { computer, kit }
  }

  it('renews when the others do, and not by its own time: else a new host would be given its slot', async () => {
    const { computer, kit } = await pausedFor(8)
    expect(await kit.check()).toMatchObject({ status: 'valid', refreshDue: true })
    const watch = await computer.app().watch()
    await expect.poll(async () => (await kit.check()).tokenExpiresAt).toEqual(later(22 * DAY))
    watch.stop()
    expect(await kit.check()).toMatchObject({ status: 'valid', refreshDue: false })
  })

  it('ends by its own time alone, however late its wall clock is', async () => {
    const { computer, kit } = await pausedFor(30)
    computer.online = false
    expect(await kit.check()).toMatchObject({ status: 'valid', refreshDue: true })
    expect(await computer.app().start()).toMatchObject({ status: 'valid' })
    computer.pass(14 * DAY)
    expect(await kit.check()).toMatchObject({ status: 'grace' })
  })
})

describe('what is said', () => {
  it('on the budget, and when it is spent: what to do, and no order to set a right clock wrong', async () => {
    const { clock, start } = await activated()
    clock.now = later(400 * DAY)
    await start().check()
    clock.now = later(DAY)
    const onBudget = await start().check()
    expect(onBudget).toMatchObject({ status: 'valid', reason: 'OK', refreshDue: true })
    expect(onBudget.message).toMatch(/connect to the internet within a few days/)
    clock.now = later(5 * DAY)
    const spent = await start().check()
    expect(spent).toMatchObject({ status: 'clock-tampered', reason: 'CLOCK_BEHIND' })
    expect(spent.message).toMatch(/was ahead once, or is behind now/)
  })

  it.each([
    ['unknown', undefined, /Please check date and time/],
    ['the own clock, by the server', later(0), /is behind\. Please correct date and time/],
    ["the vendor's", later(-2 * DAY), /seems right: the license was signed by a clock that is ahead/],
  ])('behind a signed time: %s', async (_, serverTime, sentence) => {
    const { clock, start, server, dataDir } = await activated()
    const file = path.join(dataDir, 'license.json')
    // A file of an earlier version has no correction.
    const { clock: __, ...stored } = JSON.parse(await readFile(file, 'utf8'))
    await writeFile(file, JSON.stringify(stored))
    clock.now = later(-2 * DAY)
    server.fault = (response) => {
      response.writeHead(503, serverTime && { date: serverTime.toUTCString() }).end()
      return true
    }
    if (serverTime === undefined) await server.close()
    const check = await start().refresh()
    expect(check).toMatchObject({ status: 'clock-tampered', usable: false })
    expect(check.message).toMatch(sentence)
  })
})

describe('what a key has signed that is revoked by now', () => {
  it('falls with it, the mark and the correction, too', async () => {
    const [old, next] = [createSigningKey(), createSigningKey()]
    const claims = createClaims()
    const marks = { signed: iat + 300 * DAY, by: [old.kid], correction: 300 * DAY, spent: 9 }
    const stored = { highestTimeSeen: iat + 300 * DAY, clock: marks }
    expect(knownTime(stored, claims, createTrustStore([old.jwk, next.jwk]))).toMatchObject({
      marks,
      highestTimeSeen: iat + 300 * DAY,
    })
    expect(knownTime(stored, claims, createTrustStore([next.jwk]))).toMatchObject({
      highestTimeSeen: iat,
      marks: { signed: iat, by: [] },
    })
  })

  it.each([
    ['no record', 1],
    ['a time that is text', { signed: '1', by: [] }],
    ['an endless one', { signed: Number.POSITIVE_INFINITY, by: [] }],
    ['keys that are none', { signed: 1, by: [1] }],
    ['an anchor that is none', { signed: 1, by: [], anchor: 1 }],
    ['an anchor of text', { signed: 1, by: [], anchor: { time: 1, wall: 1, uptime: '1' } }],
  ])('%s counts as none', (_, clock) => {
    const known = knownTime({ highestTimeSeen: 1, clock }, createClaims(), createTrustStore([createSigningKey().jwk]))
    expect(known.marks).toEqual({ signed: iat, by: [] })
  })
})
