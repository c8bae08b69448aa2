import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import type { Store } from '../../../src/storage/verbs/store'
import { crowd, longestStop, stored, watched } from './crowd'
import { createCrowdPlaces, type Opened } from './crowd-places'
import {
  ACCOUNT,
  ALL,
  after,
  claim,
  HOUR_MS,
  NOW,
  newCustomer,
  newLicense,
  type Sale,
  sell,
  sellMore,
} from './kit/entities'
import { outcomeOf } from './kit/outcomes'

const STEP = { now: NOW }
/** What one call of the database may have to do with at most: 100 rows that go, and what is decided on. */
const MOST_ROWS = 130
/** What an answer is read in. */
const MOST_LISTED = 1_010
/** When licenses and what was kept of a request have had their day. */
const ENDED = after(HOUR_MS)
const AT_ONCE = 1_000_000
const MINUTES = 60_000

const places = createCrowdPlaces()

/** What somebody can ask for that all activations and sessions of a license are lost by. */
const LOSSES: Readonly<Record<'released' | 'reset' | 'deleted', (store: Store, sale: Sale) => Promise<unknown>>> = {
  released: (store, { target }) => store.releaseAllActivations(ACCOUNT.id, target, STEP),
  reset: (store, { target }) => store.resetLicense(ACCOUNT.id, target, STEP),
  deleted: (store, { target }) => store.deleteLicense(ACCOUNT.id, target, STEP),
}

async function cleared({ rows }: Opened) {
  while ((await stored(rows, 'leftover')) > 0) await sleep(20)
}

async function crowded(opened: Opened, slots: number, changes: Parameters<typeof sell>[1] = {}) {
  const { store, rows } = opened
  await store.insertAccount(ACCOUNT)
  const sale = await sell(store, { maxActivations: null, ...changes })
  await crowd(rows, sale.license.id, slots, Math.min(slots, 2_000))
  return sale
}

describe.each([
  { engine: 'memory', count: 20_000, losses: ['released', 'reset', 'deleted'] },
  { engine: 'sqlite', count: 100_000, losses: ['reset', 'deleted'] },
  { engine: 'postgres', count: 20_000, losses: ['reset', 'deleted'] },
] as const)('a license with $count activations, on $engine', ({ engine, count, losses }) => {
  it.each(losses)('is %s in small steps', { timeout: 10 * MINUTES }, async (loss) => {
    const most = { read: 0, written: 0 }
    const openMore = await places[engine]()
    const filling = await openMore()
    const sale = await crowded(filling, count)
    const opened = await openMore((rows) => watched(rows, most))
    const answered = await longestStop(async () => LOSSES[loss](opened.store, sale))
    const listed = await opened.store.listActivations(ACCOUNT.id, sale.license.id, ALL)
    expect(listed).toEqual({ items: [], total: 0 })
    const clearing = await longestStop(() => cleared(opened))
    console.info(`${engine}: ${count} activations ${loss}, longest stop ${answered} and then ${clearing} ms`)
    expect(most.read).toBeLessThan(MOST_ROWS)
    expect(most.written).toBeLessThan(MOST_ROWS)
    expect(await stored(filling.rows, 'activation')).toBe(0)
  })
})

describe('the rows of one call', () => {
  it('are all of a license where steps are not bounded: that is what is tried here', async () => {
    const most = { read: 0, written: 0 }
    const opened = await (await places.memory())((rows) => watched(rows, most), { rowsAtOnce: AT_ONCE })
    const sale = await crowded(opened, 3_000)
    most.written = 0
    await opened.store.resetLicense(ACCOUNT.id, sale.target, STEP)
    expect(most.written).toBeGreaterThan(5_000)
  })

  it('are few where licenses have had their day', async () => {
    const most = { read: 0, written: 0 }
    const opened = await (await places.memory())((rows) => watched(rows, most))
    const ended = { cleanable: true, expiresAt: ENDED, maxActivations: null }
    const sale = await crowded(opened, 3_000, ended)
    for (const name of ['two', 'three', 'four']) {
      await sellMore(opened.store, sale.product, name, ended)
      await crowd(opened.rows, `lic_${name}`, 90, 0)
    }
    Object.assign(most, { read: 0, written: 0 })
    expect(await opened.store.purgeExpired(ENDED, 500)).toMatchObject({ licenses: 4 })
    expect(await stored(opened.rows, 'activation')).toBe(0)
    expect(await stored(opened.rows, 'leftover')).toBe(0)
    // Several licenses are purged together.
    expect(most.written).toBeLessThan(4 * MOST_ROWS)
  })

  it('are few where a customer has many licenses, each of which goes', async () => {
    const most = { read: 0, written: 0 }
    const opened = await (await places.memory())((rows) => watched(rows, most))
    const { store } = opened
    const sale = await crowded(opened, 0)
    const customer = newCustomer('ada')
    await store.insertCustomer(ACCOUNT.id, customer, STEP)
    const licenses = Array.from({ length: 333 }, (_, index) => newLicense(`${index}`, { customerId: customer.id }))
    outcomeOf(await store.insertLicenses(ACCOUNT.id, { licenses }, STEP), 'created')
    await crowd(opened.rows, 'lic_7', 500)
    await claim(store, { ...sale, target: { canonicalKey: 'KEY-9', productId: sale.product.id } }, 'host')
    Object.assign(most, { read: 0, written: 0 })
    const idempotency = { scope: 's', key: 'k', payloadHash: 'h', expiresAt: ENDED }
    const deleted = await store.deleteCustomer(ACCOUNT.id, customer.id, { ...STEP, idempotency })
    expect(deleted).toEqual({ kind: 'deleted', licenses: 333 })
    expect(most.written).toBeLessThan(3 * MOST_ROWS)
    expect(await store.deleteCustomer(ACCOUNT.id, customer.id, { ...STEP, idempotency })).toMatchObject(deleted)
    expect((await store.listLicenses(ACCOUNT.id, {}, ALL)).total).toBe(1)
    await cleared(opened)
    expect(await stored(opened.rows, 'activation')).toBe(0)
  })

  it('are a thousand where a license is described, or its sessions are listed', async () => {
    const most = { read: 0, written: 0 }
    const opened = await (await places.memory())((rows) => watched(rows, most))
    const { license, target } = await crowded(opened, 3_500)
    most.read = 0
    const described = outcomeOf(await opened.store.describeLicense(ACCOUNT.id, target, 3_200), 'found')
    expect(new Set(described.activations.map(({ hostId }) => hostId)).size).toBe(3_200)
    const ids = await opened.store.listSessions(ACCOUNT.id, license.id, NOW, { limit: 500, offset: 1_200 })
    expect(ids.items.map(({ hostId }) => hostId)).toEqual(Array.from({ length: 500 }, (_, i) => `host-${1_200 + i}`))
    expect(ids.total).toBe(2_000)
    expect(most.read).toBeLessThan(MOST_LISTED)
  })
})
