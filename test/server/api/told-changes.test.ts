import { createKeyring, createLicensing, type Licensing } from 'keyslot/server'
import { memoryStorage } from 'keyslot/storage'
import { afterEach, beforeEach, expect, it } from 'vitest'

let licensing: Licensing
let productId: string
beforeEach(async () => {
  const logger = { warn: () => undefined, error: () => undefined }
  licensing = await createLicensing({ storage: memoryStorage(), keyring: createKeyring(new Date()), logger })
  productId = (await licensing.products.create({ name: 'Editor' })).id
})
afterEach(() => licensing.close())

/** What the events of a license's changes say. */
async function toldOf(key: string) {
  const { license } = await licensing.licenses.get(key)
  const { items } = await licensing.events.list({ licenseId: license.id }, { limit: 100 })
  return items.flatMap((event) => (event.type === 'license.updated' ? [event.data] : []))
}

it('tells old and new values of the terms that have others now', async () => {
  const { key } = await licensing.licenses.create({ productId, maxActivations: 3 })
  const expiresAt = new Date('2031-01-01T00:00:00Z')
  await licensing.licenses.update(key, { maxActivations: 5, expiresAt, usersPerHost: null })
  expect(await toldOf(key)).toEqual([
    {
      fields: ['maxActivations', 'expiresAt', 'usersPerHost'],
      changes: { maxActivations: { from: 3, to: 5 }, expiresAt: { from: null, to: expiresAt } },
    },
  ])
})

it('tells who holds it now, also a customer who was made with it', async () => {
  const { key } = await licensing.licenses.create({ productId })
  const { id } = await licensing.customers.create({ name: 'Ada' })
  await licensing.licenses.update(key, { customerId: id })
  expect(await toldOf(key)).toEqual([{ fields: ['customerId'], changes: { customerId: { from: null, to: id } } }])
})

it('tells of metadata, ids of orders and long lists only that they were given', async () => {
  const { key } = await licensing.licenses.create({ productId })
  const allowedHosts = Array.from({ length: 21 }, (_, host) => `host-${host}`)
  await licensing.licenses.update(key, { metadata: { plan: 'secret' }, externalId: 'order-1', allowedHosts })
  expect(await toldOf(key)).toEqual([{ fields: ['metadata', 'allowedHosts', 'externalId'] }])
  await licensing.licenses.block(key)
  expect((await toldOf(key)).length).toBe(1)
})
