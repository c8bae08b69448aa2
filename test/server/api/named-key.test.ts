import { createKeyring, createLicensing, type Licensing } from 'keyslot/server'
import type { Storage } from 'keyslot/storage'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { STORAGES } from './storages'

describe.each(Object.keys(STORAGES))('a license key that the vendor names, on %s', (name) => {
  let storage: Storage
  let licensing: Licensing
  let productId: string
  let drop: (() => Promise<void>) | undefined
  beforeAll(async () => {
    const made = await STORAGES[name]?.()
    if (made === undefined) throw new Error(`there is no storage ${name}`)
    storage = made.storage
    drop = made.drop
    licensing = await createLicensing({ storage, keyring: createKeyring(new Date()) })
    productId = (await licensing.products.create({ name: 'Acme Editor' })).id
  })
  afterAll(async () => {
    await licensing.close()
    await drop?.()
  })

  it('is kept as it was given, and found as any', async () => {
    const made = await licensing.licenses.create({ productId, key: 'shop-Order-4711' })
    expect(made).toMatchObject({ key: 'shop-Order-4711', license: { keyBits: null, canonicalKey: 'SHOP-ORDER-4711' } })
    expect((await licensing.licenses.get(' SHOP-order-4711 ')).license).toEqual(made.license)
  })

  it('is one license’s at a time, and may be another’s later', async () => {
    const input = { productId, key: 'ABCD-1' }
    const first = await licensing.licenses.create(input)
    const again = licensing.licenses.create({ productId, key: 'abcd-1' })
    await expect(again).rejects.toMatchObject({ code: 'KEY_TAKEN' })
    await licensing.licenses.delete('ABCD-1')
    const second = await licensing.licenses.create(input)
    expect(second.license.id).not.toBe(first.license.id)
  })

  it('is made once where the call is made again', async () => {
    const input = { productId, key: 'ONCE-1', idempotencyKey: 'payment-1' }
    const first = await licensing.licenses.create(input)
    expect(await licensing.licenses.create(input)).toEqual({ ...first, replayed: true })
  })

  it.each([
    ['empty', { key: ' ' }],
    ['of characters that cannot travel', { key: 'schlüssel-1' }],
    ['given beside a format', { key: 'ABCD-2', format: { sections: 4 } }],
  ])('is refused where it is %s', async (_, input) => {
    const made = licensing.licenses.create({ productId, ...input })
    await expect(made).rejects.toMatchObject({ code: 'INVALID_REQUEST', detail: { field: 'key' } })
  })
})
