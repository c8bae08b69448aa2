import { describe, expect, it } from 'vitest'
import type { LicenseCheck } from '../../../src/client'
import { LOOK_MS, lookPauseMs, renewalTime, retryPauseMs } from '../../../src/client/check/watch-timetable'
import type { LicenseKitOptions } from '../../../src/client/options'
import { composeClocked, startClocked } from '../clocked-kit'
import { temporaryDir } from '../temporary-dir'
import { DAY, HOST_ID, LICENSE_KEY, NOW } from '../token-factory'

const HOUR = 3_600

/** A kit on a clock that is moved by hand, with a server that goes by the same one. */
async function setUp(random = 0, changes: Partial<LicenseKitOptions> = {}) {
  const clocked = await startClocked()
  const { server, clock } = clocked
  const options = { dataDir: await temporaryDir(), hostId: HOST_ID, ...changes }
  const start = (more: Partial<LicenseKitOptions> = {}) => composeClocked(clocked, { ...options, ...more }, { random })
  const kit = start()
  await kit.activate(LICENSE_KEY)
  const renewals = () => server.requests.filter(({ path }) => path === '/licensing/key/validate').length
  return { server, clock, kit, start, renewals }
}

type Desk = Awaited<ReturnType<typeof setUp>>

/** Watches, and keeps what is told. */
async function watched({ kit }: Desk) {
  const told: string[] = []
  const watch = await kit.watch(({ status, reason }) => told.push(`${status} ${reason}`))
  return { watch, told }
}

describe('watch', () => {
  it('renews in the background before refreshAfter, again and again, and is silent about it', async () => {
    const desk = await setUp()
    const { told } = await watched(desk)
    await desk.clock.elapse(6.9 * DAY)
    expect(desk.renewals()).toBe(0)
    await desk.clock.elapse(0.2 * DAY)
    expect(desk.renewals()).toBe(1)
    await desk.clock.elapse(28 * DAY)
    expect(desk.renewals()).toBe(5)
    expect(told).toEqual([])
    expect(await desk.kit.check()).toMatchObject({ status: 'valid' })
  })

  it('spreads hosts that were activated together over a tenth of the time that is left', async () => {
    const renewedAfter = async (random: number) => {
      const desk = await setUp(random)
      await watched(desk)
      for (let hours = 0; ; hours++) {
        if (desk.renewals() > 0) return hours
        await desk.clock.elapse(HOUR)
      }
    }
    expect(await renewedAfter(0)).toBe(7 * 24)
    // 16.8 hours earlier at most.
    expect(await renewedAfter(0.999)).toBe(7 * 24 - 16)
  })

  it('offline tries less and less often, tells of grace and of the end, and of contact', async () => {
    const desk = await setUp(0.999)
    const { watch, told } = await watched(desk)
    let tries = 0
    desk.server.fault = (response) => {
      tries += 1
      response.destroy()
      return true
    }
    await desk.clock.elapse(14 * DAY)
    expect(told).toEqual(['grace TOKEN_EXPIRED'])
    // Seven days and the spread at one try an hour, and a few more at first.
    expect(tries).toBeGreaterThan(7 * 24)
    expect(tries).toBeLessThan(8 * 24 + 10)
    await desk.clock.elapse(7 * DAY)
    expect(told).toEqual(['grace TOKEN_EXPIRED', 'expired TOKEN_EXPIRED'])
    desk.server.fault = undefined
    await desk.clock.elapse(HOUR)
    expect(told.at(-1)).toBe('valid OK')
    expect(watch.license).toMatchObject({ status: 'valid' })
  })

  it('looks to the second when grace begins, not a quarter of an hour later', async () => {
    const desk = await setUp()
    desk.server.fault = (response) => response.destroy() !== undefined
    const { told } = await watched(desk)
    await desk.clock.elapse(14 * DAY - 1)
    expect(told).toEqual([])
    await desk.clock.elapse(1)
    expect(told).toEqual(['grace TOKEN_EXPIRED'])
  })

  it('after sleep looks within a quarter of an hour, and at once when asked to', async () => {
    const desk = await setUp()
    const { watch } = await watched(desk)
    await desk.clock.elapse(60)
    desk.clock.sleep(10 * DAY)
    expect(desk.renewals()).toBe(0)
    await desk.clock.elapse(LOOK_MS / 1000)
    expect(desk.renewals()).toBe(1)
    desk.clock.sleep(10 * DAY)
    expect(await watch.look()).toMatchObject({ status: 'valid' })
    expect(desk.renewals()).toBe(2)
  })

  it('ends a license that the server refuses, and says so once', async () => {
    const desk = await setUp()
    const { told } = await watched(desk)
    desk.server.blocked = true
    await desk.clock.elapse(9 * DAY)
    expect(told).toEqual(['revoked REVOKED'])
  })

  it('goes on asking after a no, after 1, 2, 5 and 10 minutes, hourly, then daily, and takes a yes', async () => {
    const desk = await setUp(0.999_999)
    desk.server.blocked = true
    const { told } = await watched(desk)
    const asked: number[] = []
    desk.server.fault = (_, { path }) => path.endsWith('/validate') && asked.push(desk.clock.now().getTime()) < 0
    await desk.clock.elapse(11 * DAY)
    expect(told).toEqual(['revoked REVOKED'])
    const pauses = asked.slice(1).map((at, index) => Math.round((at - Number(asked[index])) / 60_000))
    expect(pauses.slice(0, 4)).toEqual([1, 2, 5, 10])
    expect(pauses.slice(4, 28)).toEqual(Array.from({ length: 24 }, () => 60))
    expect(new Set(pauses.slice(28))).toEqual(new Set([1_440]))
    desk.server.blocked = false
    await desk.clock.elapse(DAY + 60)
    expect(told).toEqual(['revoked REVOKED', 'valid OK'])
  })

  it('asks after a no at once when the computer wakes', async () => {
    const desk = await setUp()
    const { watch, told } = await watched(desk)
    desk.server.blocked = true
    await desk.clock.elapse(30 * DAY)
    desk.server.blocked = false
    desk.clock.sleep(60)
    expect(await watch.look()).toMatchObject({ status: 'valid' })
    expect(told).toEqual(['revoked REVOKED', 'valid OK'])
  })

  it('goes on asking as fast where the server does not know this host, and tells nobody', async () => {
    const desk = await setUp(0.999_999)
    desk.server.deleted = true
    const { told } = await watched(desk)
    await desk.clock.elapse(7 * DAY + 30 * 60)
    const asked = desk.renewals()
    expect(asked).toBeGreaterThan(4)
    desk.server.deleted = false
    await desk.clock.elapse(HOUR)
    expect(desk.renewals()).toBe(asked + 1)
    expect(told).toEqual([])
  })

  it('tells of no end that contact mends: a computer that wakes after its token has ended hears nothing', async () => {
    const desk = await setUp()
    const { watch, told } = await watched(desk)
    // A client that only checks would tell.
    const seen: string[] = []
    for (const days of [15, 30]) {
      desk.clock.sleep(days * DAY)
      seen.push((await desk.start().check()).status)
      expect(await watch.look()).toMatchObject({ status: 'valid' })
    }
    expect(seen).toEqual(['grace', 'expired'])
    expect(told).toEqual([])
  })

  it('tells of the end in time where the server hangs, and of the answer that comes after all', async () => {
    const desk = await setUp(0, { startTimeoutMs: 50, tryTimeoutMs: 10_000, totalTimeoutMs: 10_000 })
    const { watch, told } = await watched(desk)
    let answer = () => {}
    desk.server.fault = (response, { path }) => {
      if (!path.endsWith('/validate')) return false
      answer = () => {
        desk.server.fault = undefined
        response.destroy()
      }
      return true
    }
    desk.clock.sleep(30 * DAY)
    expect(await watch.look()).toMatchObject({ status: 'expired' })
    expect(told).toEqual(['expired TOKEN_EXPIRED'])
    answer()
    expect(await watch.look()).toMatchObject({ status: expect.stringMatching(/valid|expired/) })
    await expect.poll(async () => (await watch.look()).status).toBe('valid')
    expect(told).toEqual(['expired TOKEN_EXPIRED', 'valid OK'])
  })

  it('begins also where the clock of the app fails, and judges once it works', async () => {
    const desk = await setUp()
    let broken = true
    const now = () => {
      if (broken) throw new Error('no clock')
      return desk.clock.now()
    }
    const kit = desk.start({ now })
    const told: string[] = []
    const watch = await kit.watch(({ status }) => told.push(status))
    expect(watch.license).toMatchObject({ usable: false })
    await desk.clock.elapse(LOOK_MS / 1000)
    broken = false
    await desk.clock.elapse(LOOK_MS / 1000)
    expect(told).toEqual(['valid'])
    watch.stop()
  })

  it('notices what is done with this kit at once, and what another process does at the next look', async () => {
    const desk = await setUp()
    const { told } = await watched(desk)
    await desk.kit.deactivate()
    await expect.poll(() => told).toEqual(['not-activated NO_LICENSE'])
    await desk.start().activate(LICENSE_KEY)
    await desk.clock.elapse(LOOK_MS / 1000)
    expect(told).toEqual(['not-activated NO_LICENSE', 'valid OK'])
  })

  it('stops for good', async () => {
    const desk = await setUp()
    const { watch, told } = await watched(desk)
    watch.stop()
    desk.clock.restingTimers = 0
    await desk.clock.elapse(30 * DAY)
    await desk.kit.deactivate()
    expect([desk.renewals(), desk.clock.timers, told.length]).toEqual([0, 0, 0])
  })

  it('several watches do not renew twice', async () => {
    const desk = await setUp()
    await watched(desk)
    desk.clock.restingTimers = 2
    await watched(desk)
    await desk.clock.elapse(8 * DAY)
    expect(desk.renewals()).toBe(1)
  })

  it('survives a listener that throws, with a warning; refuses one that is no function', async () => {
    const desk = await setUp()
    const warnings: unknown[] = []
    const onWarning = (warning: Error) => warnings.push(warning.message)
    process.on('warning', onWarning)
    await desk.kit.watch(() => {
      throw new Error('the app')
    })
    await desk.kit.deactivate()
    await expect.poll(() => warnings).toEqual(['a listener for changes of the license failed'])
    process.off('warning', onWarning)
    await expect(desk.kit.watch('no function' as never)).rejects.toThrow(TypeError)
  })
})

describe('the timetable', () => {
  const check = (changes: object) =>
    ({ refreshAfter: null, tokenExpiresAt: null, graceEndsAt: null, expiresAt: null, ...changes }) as LicenseCheck

  it('has nothing to renew without a token', () => {
    expect(renewalTime(check({}), 0.5)).toBe(Number.POSITIVE_INFINITY)
    expect(lookPauseMs(check({}), Number.POSITIVE_INFINITY, NOW.getTime())).toBe(LOOK_MS)
  })

  it('never makes a storm, whatever the dates are', () => {
    for (const aheadMs of [1, 500, 999, 1_000]) {
      const expiresAt = new Date(NOW.getTime() + aheadMs)
      expect(lookPauseMs(check({ expiresAt }), Number.NaN, NOW.getTime())).toBe(1_000)
    }
    expect(lookPauseMs(check({ expiresAt: NOW }), NOW.getTime() - 1, NOW.getTime())).toBe(LOOK_MS)
  })

  it('retries after a minute at first, in the end every hour, spread over half of it', () => {
    expect([1, 2, 3, 7, 8, 5_000].map((failures) => retryPauseMs(failures, 0.999999) / 60_000).map(Math.round)).toEqual(
      [1, 2, 4, 60, 60, 60],
    )
    expect(retryPauseMs(1, 0)).toBe(30_000)
  })
})
