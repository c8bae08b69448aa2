import { createKeyring, createLicensing, type Licensing } from 'keyslot/server'
import { memoryStorage } from 'keyslot/storage'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

let licensing: Licensing
let productId: string
beforeAll(async () => {
  const logger = { warn: () => undefined, error: () => undefined }
  licensing = await createLicensing({ storage: memoryStorage(), keyring: createKeyring(new Date()), logger })
  productId = (await licensing.products.create({ name: 'Editor' })).id
})
afterAll(() => licensing.close())

const soldAt = new Date('2026-03-01T10:00:00Z')
const order = () => ({
  productId,
  maxActivations: 3,
  customer: { name: 'Ada', email: 'ada@example.com' },
  metadata: { plan: 'team', seats: { least: 1, most: 3 }, soldAt },
})

describe('a call that is made again with its idempotency key', () => {
  it.each<[string, () => object]>([
    ['with its fields in another order', () => Object.fromEntries(Object.entries(order()).toReversed())],
    ['with fields that are undefined or null', () => ({ ...order(), versionId: undefined, allowedHosts: null })],
    [
      'with metadata in another order',
      () => ({ ...order(), metadata: { soldAt, seats: { most: 3, least: 1 }, plan: 'team' } }),
    ],
    [
      'with a Date of the metadata as text',
      () => ({ ...order(), metadata: { ...order().metadata, soldAt: soldAt.toISOString() } }),
    ],
    ['with blanks around the name', () => ({ ...order(), customer: { email: 'ada@example.com', name: ' Ada ' } })],
    ['with an expiry that is computed anew', () => ({ ...order(), expiresAt: new Date('2100-01-01') })],
  ])('%s is the same call', async (name, again) => {
    const idempotencyKey = `payment ${name}`
    const first = await licensing.licenses.create({ ...order(), idempotencyKey })
    const second = await licensing.licenses.create({ ...(again() as ReturnType<typeof order>), idempotencyKey })
    expect(second).toEqual({ ...first, replayed: true })
  })

  it.each<[string, object]>([
    ['another limit', { maxActivations: 4 }],
    ['no limit', { maxActivations: null }],
    ['another name', { customer: { name: 'Grace', email: 'ada@example.com' } }],
    ['metadata with null', { metadata: { ...{ plan: null } } }],
  ])('with %s is another call: the control', async (name, change) => {
    const idempotencyKey = `payment with ${name}`
    await licensing.licenses.create({ ...order(), idempotencyKey })
    const again = licensing.licenses.create({ ...order(), ...change, idempotencyKey })
    await expect(again).rejects.toMatchObject({ code: 'IDEMPOTENCY_MISMATCH' })
  })

  it('is one product', async () => {
    const first = await licensing.products.create({ name: 'Once', graceSeconds: 0, idempotencyKey: 'once' })
    const again = { idempotencyKey: 'once', trialSeconds: null, graceSeconds: 0, name: 'Once' }
    expect(await licensing.products.create(again)).toEqual(first)
  })
})
