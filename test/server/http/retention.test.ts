import { afterEach, describe, expect, it } from 'vitest'
import { makeKey, PLAIN_MOUNT } from './actions'
import { type Fixture, startFixture } from './harness'
import { sendAsApp } from './host-key'

let fixture: Fixture
afterEach(() => fixture.close())
const DAY = 86_400_000

/** Housekeeping once a day, as a server that never stops does it. */
async function pass(days: number): Promise<void> {
  for (let day = 0; day < days; day += 1) {
    fixture.clock.now = new Date(fixture.clock.now.getTime() + DAY)
    await fixture.licensing.runHousekeeping()
  }
}
const eventCount = async () => (await fixture.licensing.events.list({}, { limit: 1 })).total

describe('events', () => {
  it('are kept for so long, and then deleted', async () => {
    fixture = await startFixture(PLAIN_MOUNT, { eventsKeptDays: 30 })
    await makeKey(fixture)
    const old = await eventCount()
    await pass(20)
    await makeKey(fixture)
    expect(await eventCount()).toBeGreaterThan(old)
    await pass(11)
    expect(await eventCount()).toBe(1)
    await pass(20)
    expect(await eventCount()).toBe(0)
  })

  it('are kept for ever where the option is 0, and for 30 days at the least', async () => {
    fixture = await startFixture(PLAIN_MOUNT, { eventsKeptDays: 0 })
    await makeKey(fixture)
    const count = await eventCount()
    await pass(500)
    expect(await eventCount()).toBe(count)
    await expect(startFixture(PLAIN_MOUNT, { eventsKeptDays: 29 })).rejects.toThrow(TypeError)
  })
})

describe('a trial', () => {
  it('is remembered for a year after its end, so that its host has no other one', async () => {
    fixture = await startFixture(PLAIN_MOUNT)
    await fixture.licensing.products.update(fixture.productId, { trialSeconds: 86_400 })
    const begin = async () =>
      (await sendAsApp(fixture, '/key/trial', { productId: fixture.productId, hostId: 'host' })).status
    expect(await begin()).toBe(200)
    await pass(365)
    expect(await begin()).toBe(403)
    await pass(2)
    expect(await begin()).toBe(200)
  })
})
