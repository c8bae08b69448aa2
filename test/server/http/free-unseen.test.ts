import type { LicensingEvent, LicensingOptions } from 'keyslot/server'
import { createKeyring, createLicensing } from 'keyslot/server'
import { memoryStorage, type Storage } from 'keyslot/storage'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { activateHost, makeKey, named, PLAIN_MOUNT, post, storedLicense } from './actions'
import { type Fixture, START, startFixture } from './harness'

const DAY = 86_400
/** Fourteen days of offline lifetime, then seven of grace: what a product gives unless told otherwise. */
const TOKEN_LIFE = 21 * DAY

const keyring = createKeyring(START)
let fixture: Fixture

afterEach(async () => {
  vi.useRealTimers()
  await fixture.close()
})

async function start(freeUnseenAfterSeconds?: number, options: Partial<LicensingOptions> = {}): Promise<void> {
  fixture = await startFixture(PLAIN_MOUNT, {
    keyring,
    ...options,
    ...(freeUnseenAfterSeconds !== undefined && { freeUnseenAfterSeconds }),
  })
}

const wait = (seconds: number) => {
  fixture.clock.now = new Date(fixture.clock.now.getTime() + seconds * 1000)
}
/** Housekeeping believes a clock that has gone on for 12 hours. */
const stand = () => fixture.store.judgeClock(new Date(fixture.clock.now.getTime() - 12 * 3_600_000))
const freed = async () => {
  await stand()
  return (await fixture.licensing.runHousekeeping()).unseenHosts
}
const makeLasting = (fields: object = {}) => makeKey(fixture, { expiryDate: null, ...fields })
const countOf = async (key: string) => (await storedLicense(fixture, key)).activationCount
/** Hosts as another store had them. */
async function importActivations(licenseId: string, hosts: readonly { hostId: string; lastSeenAt: Date }[]) {
  const said = {
    deviceTag: null,
    address: null,
    appVersion: null,
    licensee: null,
    keys: [],
    keylessEndAt: null,
    releaseAt: null,
    sharing: null,
    authtoolProductId: null,
  }
  const records = hosts.map(({ hostId, lastSeenAt }) => {
    const times = { activatedAt: START, lastSeenAt, tokensEndAt: START, expiresAt: null, surrenderedAt: null }
    const value = { ...said, ...times, licenseId, hostId, id: `act_${hostId}`, jti: `lt_${hostId}`, stampFloor: 0 }
    return { kind: 'activation', value } as const
  })
  const outcomes = await fixture.store.importRecords(records)
  expect(new Set(outcomes)).toEqual(new Set(['stored']))
}
const validate = (key: string, hostId: string) => post(fixture, '/key/validate', named(fixture, key, { hostId }))

describe('freeUnseenAfterSeconds', () => {
  it('frees nobody unless it is given', async () => {
    await start()
    const key = await makeLasting()
    await activateHost(fixture, key, 'host-1')
    wait(3650 * DAY)
    expect(await freed()).toBe(0)
    expect(await countOf(key)).toBe(1)
  })

  it('frees a host after that time, to the millisecond, and lets another in', async () => {
    await start(90 * DAY)
    const key = await makeLasting({ maxActivations: 1 })
    await activateHost(fixture, key, 'host-1')
    fixture.clock.now = new Date(START.getTime() + 90 * DAY * 1000 - 1)
    expect(await freed()).toBe(0)
    expect((await activateHost(fixture, key, 'host-2')).status).toBe(403)
    fixture.clock.now = new Date(START.getTime() + 90 * DAY * 1000)
    expect(await freed()).toBe(1)
    expect(await freed()).toBe(0)
    expect((await validate(key, 'host-1')).body).toEqual({ code: 0, valid: false, reason: 'not-activated' })
    expect((await activateHost(fixture, key, 'host-2')).status).toBe(200)
    expect(await countOf(key)).toBe(1)
  })

  it.each(['validate', 'activate'])('leaves a host alone that was seen by %s', async (seen) => {
    await start(30 * DAY)
    const key = await makeLasting()
    await activateHost(fixture, key, 'host-1')
    for (let month = 0; month < 3; month += 1) {
      wait(29 * DAY)
      await (seen === 'validate' ? validate(key, 'host-1') : activateHost(fixture, key, 'host-1'))
      expect(await freed()).toBe(0)
    }
    wait(30 * DAY)
    expect(await freed()).toBe(1)
  })

  it('takes no slot from a host whose license token still serves, however short the time', async () => {
    await start(1)
    const key = await makeLasting()
    await activateHost(fixture, key, 'host-1')
    wait(TOKEN_LIFE)
    expect(await freed()).toBe(0)
    // Five minutes for a slow clock, five until a last-seen time is written again.
    wait(600)
    expect(await freed()).toBe(1)
  })

  it('takes no slot from a host with a license file, as long as that is good', async () => {
    await start(30 * DAY)
    const key = await makeLasting()
    const body = named(fixture, key, { hostId: 'vault', ttl: 365 * DAY })
    expect((await post(fixture, '/key/sign', body)).status).toBe(200)
    wait(365 * DAY)
    expect(await freed()).toBe(0)
    wait(7 * DAY + 600)
    expect(await freed()).toBe(1)
  })

  it('leaves an event for each, here and for webhooks', async () => {
    await start(90 * DAY)
    const heard: LicensingEvent[] = []
    fixture.licensing.on('license.deactivated', (event) => void heard.push(event))
    const key = await makeLasting()
    await activateHost(fixture, key, 'host-1')
    wait(90 * DAY)
    await freed()
    const { id } = await storedLicense(fixture, key)
    const { items } = await fixture.licensing.events.list({ licenseId: id }, { limit: 10 })
    const expected = {
      type: 'license.deactivated',
      at: fixture.clock.now,
      licenseId: id,
      accountId: fixture.licensing.accountId,
      actor: { id: 'housekeeping', address: null },
      data: { productId: fixture.productId, hostId: 'host-1', reason: 'unseen', lastSeenAt: START.toISOString() },
    }
    expect(items.at(-1)).toMatchObject(expected)
    expect(heard).toMatchObject([expected])
  })

  it('frees those of a blocked license and of a product that is switched off too', async () => {
    await start(90 * DAY)
    const key = await makeLasting()
    await activateHost(fixture, key, 'host-1')
    await fixture.licensing.licenses.block(key)
    await fixture.licensing.products.update(fixture.productId, { active: false })
    wait(90 * DAY)
    expect(await freed()).toBe(1)
    expect(await countOf(key)).toBe(0)
  })

  it('frees each once, however many instances look, with one event', async () => {
    await start(90 * DAY)
    const key = await makeLasting()
    for (let index = 0; index < 30; index += 1) await activateHost(fixture, key, `host-${index}`)
    wait(90 * DAY)
    const { storage } = fixture
    const others = await Promise.all(
      [1, 2, 3].map(() =>
        createLicensing({
          storage: { ...storage, open: async () => undefined, close: async () => undefined },
          keyring,
          now: () => fixture.clock.now,
          housekeepingSeconds: 0,
          freeUnseenAfterSeconds: 90 * DAY,
          webhooks: { deliver: false },
          logger: { warn: () => undefined, error: () => undefined },
        }),
      ),
    )
    await stand()
    const runs = await Promise.all([fixture.licensing, ...others].map((licensing) => licensing.runHousekeeping()))
    expect(runs.reduce((sum, { unseenHosts }) => sum + unseenHosts, 0)).toBe(30)
    const { items } = await fixture.licensing.events.list({}, { limit: 1_000 })
    expect(items.filter(({ type }) => type === 'license.deactivated')).toHaveLength(30)
    expect(await countOf(key)).toBe(0)
    for (const instance of others) await instance.close()
  })

  it('looks at a bounded number a run, and goes on where it was: every host has its turn', async () => {
    const sound = memoryStorage()
    let looks = 0
    const read: Storage['read'] = (queries) => {
      looks += queries.filter(({ table, equal }) => table === 'activations' && equal.length === 0).length
      return sound.read(queries)
    }
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    await start(90 * DAY, { storage: { ...sound, read }, housekeepingSeconds: 60 })
    const key = await makeLasting()
    const { id: licenseId } = await storedLicense(fixture, key)
    // One in 500 was not seen for long, in the order in which they are looked at.
    const seen = new Date(START.getTime() + 90 * DAY * 1000)
    for (let batch = 0; batch < 25; batch += 1) {
      const hosts = Array.from({ length: 500 }, (_, index) => ({
        hostId: `host-${String(batch).padStart(2, '0')}-${String(index).padStart(3, '0')}`,
        lastSeenAt: index === 250 ? START : seen,
      }))
      await importActivations(licenseId, hosts)
    }
    wait(90 * DAY)
    await stand()
    const total = await countOf(key)
    for (const looked of [20, 25]) {
      vi.advanceTimersByTime(60_000)
      const left = total - looked
      await vi.waitFor(async () => expect(await countOf(key)).toBe(left), { timeout: 20_000 })
      expect(looks).toBe(looked)
    }
  }, 60_000)

  it.each([-1, Number.NaN])('cannot be %s', async (freeUnseenAfterSeconds) => {
    await start()
    const options = { storage: memoryStorage(), keyring, freeUnseenAfterSeconds }
    await expect(createLicensing(options)).rejects.toThrow('freeUnseenAfterSeconds must be 0 or more')
  })
})
