import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { activateHost, makeAuthtoolKey, makeKey, named, PLAIN_MOUNT, post } from './actions'
import { type Fixture, START, startFixture } from './harness'

const HOUR = 3600
const DAY = 24 * HOUR
const YEAR = 365 * DAY

describe('housekeeping under a clock that jumps', () => {
  let fixture: Fixture
  let warnings: string[]

  beforeEach(async () => {
    warnings = []
    const logger = { warn: (text: string) => void warnings.push(text), error: () => undefined }
    fixture = await startFixture(PLAIN_MOUNT, { freeUnseenAfterSeconds: 60 * DAY, logger })
  })
  afterEach(() => fixture.close())

  /** Runs housekeeping at an instant, in seconds after the start. */
  const runAt = (seconds: number) => {
    fixture.clock.now = new Date(START.getTime() + seconds * 1000)
    return fixture.licensing.runHousekeeping()
  }
  const total = ({
    licenses,
    idempotencyRecords,
    sessions,
    revocations,
    unseenHosts,
  }: Awaited<ReturnType<typeof runAt>>) => licenses + idempotencyRecords + sessions + revocations + unseenHosts

  /** A revoked host, an idempotency record, a seat, a license to be deleted once it has ended, and a host that is seen now. */
  async function somethingOfEach() {
    const blocked = await makeKey(fixture, { maxActivations: 1, expiryDate: null })
    await activateHost(fixture, blocked, 'revoked-host')
    await post(fixture, '/key/block', named(fixture, blocked))
    await post(fixture, '/customer', { name: 'Ada' }, { headers: { 'Idempotency-Key': 'once' } })
    const floating = await makeKey(fixture, { licenseType: 'floating', expiryDate: null })
    await post(fixture, '/key/checkout', named(fixture, floating, { hostId: 'seat' }))
    await makeAuthtoolKey(fixture, { isCleanable: true })
    const used = await makeKey(fixture, { maxActivations: 1, expiryDate: null })
    await activateHost(fixture, used, 'seen-host')
  }
  const revoked = () => fixture.store.listRevocations(START, fixture.productId)

  // Before, the run deleted 5 things and the revoked host was good again.
  it.each([
    ['a year ahead', YEAR],
    ['a hundred years ahead', 100 * YEAR],
    ['to 1970', -START.getTime() / 1000],
  ])('%s deletes nothing that is still of use', async (_, jump) => {
    await somethingOfEach()
    await runAt(60)
    expect(total(await runAt(jump))).toBe(0)
    expect(total(await runAt(jump + 11 * HOUR))).toBe(0)
    expect(total(await runAt(600))).toBe(0)
    expect(await revoked()).toHaveLength(1)
    expect(warnings.filter((text) => text.includes('housekeeping'))).toHaveLength(1)
  })

  it('believes a clock that has gone on for 12 hours, as after a server was off for long', async () => {
    await somethingOfEach()
    await runAt(60)
    expect(total(await runAt(YEAR))).toBe(0)
    expect((await runAt(YEAR + 12 * HOUR)).until).toEqual(new Date(START.getTime() + (YEAR + 12 * HOUR) * 1000))
    expect(await revoked()).toHaveLength(0)
  })

  it('deletes what had ended by the last instant that is vouched for', async () => {
    await somethingOfEach()
    await runAt(25 * HOUR)
    const { until, ...purged } = await runAt(YEAR)
    expect(until).toEqual(new Date(START.getTime() + 25 * HOUR * 1000))
    expect(purged.revocations).toBe(0)
  })

  it('is not taken in by a second jump, or by one server of two whose clock is wrong', async () => {
    await somethingOfEach()
    await runAt(60)
    await runAt(3 * DAY)
    for (let hour = 0; hour < 30; hour += 1) {
      expect((await runAt(YEAR + hour * HOUR)).revocations).toBe(0)
      expect((await runAt(hour * HOUR)).revocations).toBe(0)
    }
    expect(await revoked()).toHaveLength(1)
  })

  it('goes by the clock where it runs every day, or is off for a night', async () => {
    for (let day = 1; day < 5; day += 1) {
      const { until } = await runAt(day * (DAY + 60))
      expect(until).toEqual(fixture.clock.now)
    }
  })
})
