import { memoryStorage, type Storage } from 'keyslot/storage'
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
    return (await fixture.store.listSessions(license.accountId, license.id, now, { limit: CLIENTS })).total
  }

  /** Everyone named shows that he is there, and takes his next nonce. */
  const beat = (held: Map<string, HeldSession>, hostIds: readonly string[]) =>
    Promise.all(
      hostIds.map(async (hostId) => {
        const session = held.get(hostId) as HeldSession
        const { status, body } = await prove('/key/heartbeat', session)
        expect(status).toBe(200)
        held.set(hostId, { ...session, nonce: body.nextNonce })
      }),
    )
  const halfALease = () => {
    fixture.clock.now = new Date(fixture.clock.now.getTime() + (LEASE_SECONDS * 1000) / 2)
  }

  it('never more than there are, and all of them again once the dead have lapsed', async () => {
    let held = await rush(clients)
    expect(held.size).toBe(SEATS)

    for (let round = 0; round < 3; round++) {
      const holders = [...held.keys()]
      const third = Math.floor(SEATS / 3)
      const [dead, leaving] = [holders.slice(0, third), holders.slice(third, 2 * third)]
      const alive = holders.slice(2 * third)
      const waiting = clients.filter((hostId) => !holders.includes(hostId))
      halfALease()
      // A third dies without a word, a third checks in, the rest show that they are there, while everybody else tries.
      const [entered, returned] = await Promise.all([
        rush(waiting),
        Promise.all(leaving.map((hostId) => prove('/key/checkin', held.get(hostId) as HeldSession))),
        beat(held, alive),
      ])
      for (const { status } of returned) expect(status).toBe(200)
      expect(entered.size).toBeLessThanOrEqual(leaving.length)
      expect(await liveSeats()).toBe(dead.length + alive.length + entered.size)

      // The rest of the dead ones' lease passes; nobody sweeps.
      halfALease()
      expect(await liveSeats()).toBe(alive.length + entered.size)
      held = new Map([...alive.map((hostId) => [hostId, held.get(hostId) as HeldSession] as const), ...entered])
      const absent = clients.filter((hostId) => !held.has(hostId))
      const [late] = await Promise.all([rush(absent), beat(held, [...held.keys()])])
      expect(late.size).toBe(SEATS - held.size)
      expect(await liveSeats()).toBe(SEATS)
      held = new Map([...held, ...late])
    }

    fixture.clock.now = new Date(fixture.clock.now.getTime() + LEASE_SECONDS * 1000)
    expect(await liveSeats()).toBe(0)
    expect((await rush(clients)).size).toBe(SEATS)
  })
})
