import { type AccountApi, SCOPES } from 'keyslot/server'
import type { Storage } from 'keyslot/storage'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { PLAIN_LICENSE } from '../../src/domain/license'
import { mayChangeCustomer } from '../../src/domain/product-list'
import { createStore } from '../../src/storage/verbs/create-store'
import { STORAGES } from './api/storages'
import { PLAIN_MOUNT } from './http/actions'
import { type Fixture, send, startFixture } from './http/harness'

/** Something that happens once, as soon as anybody has looked at the storage. */
type Meanwhile = () => Promise<unknown>

/** A storage that lets something happen between a look and what is made of it. */
function interposed(storage: Storage) {
  const pending: Meanwhile[] = []
  const read: Storage['read'] = async (queries) => {
    const answers = await storage.read(queries)
    await pending.pop()?.()
    return answers
  }
  const proxy = new Proxy(storage, {
    get(target, name) {
      if (name === 'read') return read
      const value: unknown = Reflect.get(target, name)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
  return { storage: proxy, afterNextLook: (meanwhile: Meanwhile) => void pending.push(meanwhile) }
}

describe.each(Object.keys(STORAGES))('what becomes of product B between a look and an act, on %s', (name) => {
  let fixture: Fixture
  let api: AccountApi
  let drop: (() => Promise<void>) | undefined
  let token: string
  let productB: string
  let afterNextLook: (meanwhile: Meanwhile) => void
  let elsewhere: ReturnType<typeof createStore>

  beforeAll(async () => {
    const made = await STORAGES[name]?.()
    if (made === undefined) throw new Error(`there is no storage ${name}`)
    drop = made.drop
    const between = interposed(made.storage)
    afterNextLook = between.afterNextLook
    // Tokens are kept in mind, and nobody else looks: the next look is that of the request itself.
    fixture = await startFixture(PLAIN_MOUNT, {
      storage: between.storage,
      accessTokenCacheSeconds: 1_000_000,
      webhooks: { deliver: false },
      housekeepingSeconds: 0,
    })
    elsewhere = createStore(made.storage)
    api = fixture.licensing
    productB = (await api.products.create({ name: 'B' })).id
    const productIds = [fixture.productId]
    token = (await api.accessTokens.create({ name: 'A', kind: 'secret', scopes: SCOPES, productIds })).token
    await send(fixture.url, 'GET', '/customer', { token })
  })
  afterAll(async () => {
    await fixture.close()
    await drop?.()
  })

  async function customerOfA(): Promise<string> {
    const { id } = await api.customers.create({ name: 'Ada' })
    await api.licenses.create({ productId: fixture.productId, customer: { id } })
    return id
  }

  async function store(key: string, productIds: readonly string[], customerId: string | null): Promise<void> {
    const { now } = fixture.clock
    const named = {
      id: `lic_${key}_${productIds.length}`,
      accountId: fixture.licensing.accountId,
      key,
      canonicalKey: key,
    }
    const license = { ...named, productIds, ...PLAIN_LICENSE, customerId, createdAt: now, updatedAt: now }
    const { kind } = await elsewhere.insertLicenses(license.accountId, { licenses: [license] }, { now })
    expect(kind).toBe('created')
  }

  let keys = 0
  const nextKey = () => `KEY-${name.toUpperCase()}-${keys++}`.padEnd(24, 'X')
  const buysB = (customerId: string) => () => store(nextKey(), [productB], customerId)
  const licensesOf = async (customerId: string) => (await api.licenses.list({ customerId }, { limit: 9 })).items

  it.each([
    ['is not renamed', 'PUT', '/customer/by-id', { name: 'Renamed' }],
    ['is not disabled', 'POST', '/customer/disable', {}],
    ['is not deleted', 'DELETE', '/customer/by-id', undefined],
  ])('a customer who buys B %s', async (_, method, path, fields) => {
    const customerId = await customerOfA()
    afterNextLook(buysB(customerId))
    const target = fields === undefined ? `${path}?customerId=${customerId}` : path
    const body = fields && { ...fields, customerId }
    const { status } = await send(fixture.url, method, target, { token, ...(body && { body }) })
    expect(status).toBe(403)
    expect(await api.customers.get(customerId)).toMatchObject({ name: 'Ada', active: true })
    expect(await licensesOf(customerId)).toHaveLength(2)
  })

  it.each([
    ['is not blocked', 'PATCH', '/change-status', { status: 0 }],
    ['is not reset', 'PATCH', '/reset', undefined],
    ['is not deleted', 'DELETE', '', undefined],
  ])('a key that is made anew for A and B %s', async (_, method, end, body) => {
    const key = nextKey()
    await store(key, [fixture.productId], null)
    afterNextLook(async () => {
      await elsewhere.deleteLicense(fixture.licensing.accountId, { canonicalKey: key }, { now: fixture.clock.now })
      await store(key, [fixture.productId, productB], null)
    })
    const { status } = await send(fixture.url, method, `/public/v1/key/${key}${end}`, { token, ...(body && { body }) })
    expect(status).toBe(403)
    expect((await api.licenses.get(key)).license).toMatchObject({ blocked: false, resetCount: 0 })
  })

  it('is seen: whoever looks before acting deletes what is of B', async () => {
    const customerId = await customerOfA()
    const products = [fixture.productId]
    const account = fixture.licensing.accountId
    const held = await elsewhere.listLicenses(account, { customerId }, { limit: 9 })
    expect(mayChangeCustomer(held.items, products)).toBe(true)
    await buysB(customerId)()
    const step = { now: fixture.clock.now }
    expect(await elsewhere.updateCustomer(account, customerId, { name: 'Renamed' }, step)).toMatchObject({
      kind: 'updated',
    })
    expect(await elsewhere.deleteCustomer(account, customerId, step)).toMatchObject({ kind: 'deleted', licenses: 2 })
  })
})
