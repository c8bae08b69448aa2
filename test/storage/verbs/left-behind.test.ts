import { describe, expect, it } from 'vitest'
import type { License } from '../../../src/domain/license'
import type { Store } from '../../../src/storage/verbs/store'
import { crowd, stored } from './crowd'
import { createCrowdPlaces, type Opened } from './crowd-places'
import { ACCOUNT, ALL, after, checkout, claim, HOUR_MS, NOW, type Sale, sell } from './kit/entities'
import { outcomeOf } from './kit/outcomes'
import { neverCleared } from './never-cleared'

const STEP = { now: NOW }
const ROWS = 500
/** When every session of the crowd has lapsed. */
const LATER = after(2 * HOUR_MS)
/** What every host is unseen by. */
const UNSEEN = { lastSeenBy: after(1_000 * HOUR_MS), tokensEndedBy: after(1_000 * HOUR_MS) }

const places = createCrowdPlaces()

async function counts(store: Store) {
  const { activation, session } = await store.countRecords()
  return { activation, session }
}

/** A license that a crowd of hosts and sessions uses. */
async function sellToCrowd({ store, rows }: Opened, changes: Partial<License>): Promise<Sale> {
  await store.insertAccount(ACCOUNT)
  const sale = await sell(store, changes)
  await crowd(rows, sale.license.id, ROWS)
  return sale
}

/** Everything that looks at rows of all licenses or of this one finds so many activations and sessions. */
async function expectFound(store: Store, { license }: Sale, count: number) {
  expect(await counts(store)).toEqual({ activation: count, session: count })
  expect((await store.exportRecords('activation', null, 2 * ROWS)).records).toHaveLength(count)
  expect((await store.exportRecords('session', null, 2 * ROWS)).records).toHaveLength(count)
  expect((await store.listActivations(ACCOUNT.id, license.id, ALL)).total).toBe(count)
  expect((await store.listSessions(ACCOUNT.id, license.id, NOW, ALL)).total).toBe(count)
  expect((await store.findUnseen(UNSEEN, null, 2 * ROWS)).hosts).toHaveLength(count)
}

describe.each(['memory', 'sqlite', 'postgres'] as const)(
  'rows that a killed process has left behind, on %s',
  (engine) => {
    it('are nobody’s after a reset, and housekeeping clears them away', async () => {
      const openMore = await places[engine]()
      const killed = await openMore(neverCleared)
      const sale = await sellToCrowd(killed, { maxActivations: ROWS, maxConcurrentSessions: ROWS })
      await expectFound(killed.store, sale, ROWS)

      expect(await killed.store.resetLicense(ACCOUNT.id, sale.target, STEP)).toMatchObject({
        license: { activationCount: 0, resetCount: 1 },
      })
      expect(await stored(killed.rows, 'activation')).toBe(ROWS)
      await expectFound(killed.store, sale, 0)

      // The same host, and the same seat, with the same ids.
      const { store, rows } = await openMore()
      expect(outcomeOf(await claim(store, sale, 'host-1'), 'created').license.activationCount).toBe(1)
      await store.updateLicense(ACCOUNT.id, sale.target, { type: 'floating' }, STEP)
      expect(outcomeOf(await checkout(store, sale, 'host-1'), 'created').liveSessions).toBe(1)
      await expectFound(store, sale, 1)

      expect(await store.purgeExpired(NOW, 500)).toMatchObject({ sessions: 0, licenses: 0 })
      expect([await stored(rows, 'activation'), await stored(rows, 'session')]).toEqual([1, 1])
      expect(await stored(rows, 'leftover')).toBe(0)
      await expectFound(store, sale, 1)
    })

    it('do not come back with a license of the same id', async () => {
      const openMore = await places[engine]()
      const killed = await openMore(neverCleared)
      const sale = await sellToCrowd(killed, { maxActivations: ROWS })
      expect(await killed.store.deleteLicense(ACCOUNT.id, sale.target, STEP)).toMatchObject({ kind: 'deleted' })
      expect(await killed.store.importRecords([{ kind: 'license', value: sale.license }])).toEqual(['stored'])
      await expectFound(killed.store, sale, 0)
      expect(outcomeOf(await claim(killed.store, sale, 'host-1'), 'created').license.activationCount).toBe(1)

      const { store, rows } = await openMore()
      // Lapsed sessions that are left behind go with the others, and are not counted.
      expect(await store.purgeExpired(LATER, 500)).toMatchObject({ sessions: 0 })
      expect([await stored(rows, 'activation'), await stored(rows, 'session')]).toEqual([1, 0])
      expect(await stored(rows, 'leftover')).toBe(0)
    })

    it('are cleared away by several processes at once', async () => {
      const openMore = await places[engine]()
      const killed = await openMore(neverCleared)
      const sale = await sellToCrowd(killed, { maxActivations: ROWS })
      expect(await killed.store.releaseAllActivations(ACCOUNT.id, sale.target, STEP)).toMatchObject({ count: ROWS })
      // Its sessions stay.
      expect(await counts(killed.store)).toEqual({ activation: 0, session: ROWS })
      const others = [await openMore(), await openMore(), await openMore()]
      await Promise.all(others.map(({ store }) => store.purgeExpired(NOW, 500)))
      expect(await stored(killed.rows, 'activation')).toBe(0)
      expect(await stored(killed.rows, 'leftover')).toBe(0)
      expect(await counts(killed.store)).toEqual({ activation: 0, session: ROWS })
    })

    it('are left by a store that closes, which waits for the step under way alone', async () => {
      const openMore = await places[engine]()
      const { store, rows } = await openMore(undefined, { rowsAtOnce: 1 })
      await store.insertAccount(ACCOUNT)
      const sale = await sell(store, { maxActivations: ROWS })
      await crowd(rows, sale.license.id, ROWS)
      await store.resetLicense(ACCOUNT.id, sale.target, STEP)
      await store.close()
      const next = await openMore()
      expect(await stored(next.rows, 'activation')).toBeGreaterThan(0)
      await expectFound(next.store, sale, 0)
      await next.store.purgeExpired(NOW, 500)
      expect(await stored(next.rows, 'activation')).toBe(0)
    })
  },
)

describe.each(['memory', 'sqlite', 'postgres'] as const)(
  'hosts that claim while their license is reset, on %s',
  (engine) => {
    it('have a slot each, no more than there are, and none is lost', async () => {
      const openMore = await places[engine]()
      const [first, second] = [await openMore(), await openMore()]
      await first.store.insertAccount(ACCOUNT)
      const sale = await sell(first.store, { maxActivations: 150 })
      await crowd(first.rows, sale.license.id, 150, 0)
      const stores = [first.store, second.store] as const
      const claims = Array.from({ length: 200 }, async (_, index) => {
        if (index % 40 === 20) await stores[index % 3 === 0 ? 0 : 1].resetLicense(ACCOUNT.id, sale.target, STEP)
        return claim(stores[index % 2 === 0 ? 0 : 1], sale, `host-${index}`)
      })
      const outcomes = await Promise.all(claims)
      expect(outcomes.every(({ kind }) => ['created', 'existing', 'limit-reached'].includes(kind))).toBe(true)

      const { total } = await first.store.listActivations(ACCOUNT.id, sale.license.id, ALL)
      const found = outcomeOf(await first.store.findLicense(ACCOUNT.id, sale.license.canonicalKey), 'found')
      expect(found.license.activationCount).toBe(total)
      let taken = total
      while ((await claim(second.store, sale, `more-${taken}`)).kind === 'created') taken += 1
      expect(taken).toBe(150)
      await first.store.purgeExpired(NOW, 500)
      expect(await stored(first.rows, 'activation')).toBe(150)
    })
  },
)
