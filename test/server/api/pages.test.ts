import { createKeyring, createLicensing, type Licensing } from 'keyslot/server'
import { memoryStorage } from 'keyslot/storage'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

let licensing: Licensing
let productId: string

beforeAll(async () => {
  licensing = await createLicensing({
    storage: memoryStorage(),
    keyring: createKeyring(new Date()),
    housekeepingSeconds: 0,
    logger: { warn: () => {}, error: () => {} },
  })
  productId = (await licensing.products.create({ name: 'Editor' })).id
})
afterAll(() => licensing.close())

const LISTS: Readonly<Record<string, (page: never) => Promise<{ readonly items: readonly unknown[] }>>> = {
  licenses: (page) => licensing.licenses.list({}, page),
  'licenses by two filters': (page) => licensing.licenses.list({ productId, externalId: 'x' }, page),
  products: (page) => licensing.products.list(page),
  versions: (page) => licensing.products.listVersions(productId, page),
  customers: (page) => licensing.customers.list(page),
  tokens: (page) => licensing.accessTokens.list(page),
  webhooks: (page) => licensing.webhooks.list(page),
  deliveries: (page) => licensing.webhooks.deliveries({}, page),
  events: (page) => licensing.events.list({}, page),
}

describe.each(Object.entries(LISTS))('a page of %s', (_, list) => {
  it.each<[string, unknown]>([
    ['limit', { limit: -1 }],
    ['limit', { limit: 1.5 }],
    ['limit', { limit: Number.NaN }],
    ['limit', { limit: Number.POSITIVE_INFINITY }],
    ['limit', { limit: '1' }],
    ['offset', { limit: 1, offset: -1 }],
    ['offset', { limit: 1, offset: 0.5 }],
  ])('with a bad %s is refused by that name: %j', async (field, page) => {
    await expect(list(page as never)).rejects.toMatchObject({
      code: 'INVALID_REQUEST',
      message: expect.stringContaining(field),
    })
  })

  it('is the first hundred where nothing is said', async () => {
    const { items } = await list({ limit: 100, offset: 0 } as never)
    for (const page of [undefined, {}, { offset: undefined }]) expect((await list(page as never)).items).toEqual(items)
  })

  it('may be of none, or beyond the end', async () => {
    expect((await list({ limit: 0 } as never)).items).toEqual([])
    expect((await list({ limit: 5, offset: 1_000 } as never)).items).toEqual([])
  })
})
