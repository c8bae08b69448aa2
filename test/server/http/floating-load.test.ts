import { memoryStorage, type Storage } from 'keyslot/server'
import { sqliteStorage } from 'keyslot/storage/sqlite'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { scratchStore } from '../../cli/scratch-folder'
import { makeKey, named, PLAIN_MOUNT, post } from './actions'
import { type Fixture, startFixture } from './harness'
import { type HeldSession, proofOf } from './subject'

const SEATS = 50
const CLIENTS = 500
const LEASE_SECONDS = 300

const STORES: readonly [string, () => Storage][] = [
  ['memory', memoryStorage],
  ['SQLite', () => sqliteStorage({ file: scratchStore().file })],
]

describe.each(STORES)(`${SEATS} seats and ${CLIENTS} clients, on %s`, (_, makeStorage) => {
  let fixture: Fixture
  let key: string

  beforeAll(async () => {
    fixture = await startFixture(PLAIN_MOUNT, { storage: makeStorage() })
    key = await makeKey(fixture, {
      licenseType: 'floating',
      maxConcurrentSessions: SEATS,
      sessionLeaseDuration: LEASE_SECONDS,
    })
  })
  afterAll(() => fixture.close())

  const clients = Array.from({ length: CLIENTS }, (_, index) => `client-${index}`)

  /** All of them at once; who gets a seat holds it. */
  async function rush(hostIds: readonly string[]): Promise<Map<string, HeldSession>> {
    const held = new Map<string, HeldSession>()
    const checkouts = hostIds.map(async (hostId) => {
      const { status, body } = await post(fixture, '/key/checkout', named(fixture, key, { hostId }))
      if (status !== 200) return expect(body).toEqual({ message: 'Activation limit reached', code: 2 })
      expect(body.currentSessions).toBeLessThanOrEqual(SEATS)
      held.set(hostId, { id: body.sessionId, secret: body.sessionSecret, nonce: body.nextNonce })
    })
    await Promise.all(checkouts)
    return held
  }

  const prove = (path: string, session: HeldSession) => post(fixture, path, named(fixture, key, proofOf(session)))
  const liveSeats = async () => {
    const { license } = await fixture.licensing.licenses.get(key)
    const { now } = fixture.clock
    return (await fixture.storage.listSessions(license.accountId, license.id, now, { limit: CLIENTS })).total
  }

  it('never more than there are, and all of them again once the dead have lapsed', async () => {
    let held = await rush(clients)
    expect(held.size).toBe(SEATS)

    for (let round = 0; round < 3; round++) {
      const holders = [...held.keys()]
      const third = Math.floor(holders.length / 3)
      const [dead, leaving, alive] = [
        holders.slice(0, third),
        holders.slice(third, 2 * third),
        holders.slice(2 * third),
      ]
      fixture.clock.now = new Date(fixture.clock.now.getTime() + (LEASE_SECONDS * 1000) / 2)
      // A third goes without a word, a third checks in, the rest show that they are there, while everybody else tries.
      const waiting = clients.filter((hostId) => !held.has(hostId))
      const [renewed, returned, entered] = await Promise.all([
        Promise.all(alive.map((hostId) => prove('/key/heartbeat', held.get(hostId) as HeldSession))),
        Promise.all(leaving.map((hostId) => prove('/key/checkin', held.get(hostId) as HeldSession))),
        rush(waiting),
      ])
      for (const { status } of [...renewed, ...returned]) expect(status).toBe(200)
      expect(entered.size).toBeLessThanOrEqual(leaving.length)
      expect(await liveSeats()).toBe(dead.length + alive.length + entered.size)
      expect(await liveSeats()).toBeLessThanOrEqual(SEATS)

      // The rest of the dead ones' lease passes; nobody sweeps.
      fixture.clock.now = new Date(fixture.clock.now.getTime() + (LEASE_SECONDS * 1000) / 2)
      expect(await liveSeats()).toBe(alive.length + entered.size)
      const late = await rush(clients.filter((hostId) => !alive.includes(hostId) && !entered.has(hostId)))
      expect(late.size).toBe(SEATS - alive.length - entered.size)
      expect(await liveSeats()).toBe(SEATS)

      const survivors = alive.map((hostId, index): [string, HeldSession] => [
        hostId,
        { ...(held.get(hostId) as HeldSession), nonce: renewed[index]?.body.nextNonce },
      ])
      held = new Map([...survivors, ...entered, ...late])
      expect(held.size).toBe(SEATS)
    }

    fixture.clock.now = new Date(fixture.clock.now.getTime() + LEASE_SECONDS * 1000)
    expect(await liveSeats()).toBe(0)
    expect((await rush(clients)).size).toBe(SEATS)
  })
})
