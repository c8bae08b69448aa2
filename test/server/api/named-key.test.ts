import { describe, expect, it } from 'vitest'
import { STORAGES, useLicensing } from './storages'

describe.each(Object.keys(STORAGES))('a license key that the vendor names, on %s', (name) => {
  const here = useLicensing(name)

  it('is kept as it was given, and found as any', async () => {
    const made = await here.licensing.licenses.create({ productId: here.productId, key: 'shop-Order-4711' })
    expect(made).toMatchObject({ key: 'shop-Order-4711', license: { keyBits: null, canonicalKey: 'SHOP-ORDER-4711' } })
    expect((await here.licensing.licenses.get(' SHOP-order-4711 ')).license).toEqual(made.license)
  })

  it('is one license’s at a time, and may be another’s later', async () => {
    const input = { productId: here.productId, key: 'ABCD-1' }
    const first = await here.licensing.licenses.create(input)
    const again = here.licensing.licenses.create({ productId: here.productId, key: 'abcd-1' })
    await expect(again).rejects.toMatchObject({ code: 'KEY_TAKEN' })
    await here.licensing.licenses.delete('ABCD-1')
    const second = await here.licensing.licenses.create(input)
    expect(second.license.id).not.toBe(first.license.id)
  })

  it('is made once where the call is made again', async () => {
    const input = { productId: here.productId, key: 'ONCE-1', idempotencyKey: 'payment-1' }
    const first = await here.licensing.licenses.create(input)
    expect(await here.licensing.licenses.create(input)).toEqual({ ...first, replayed: true })
  })

  it.each([
    ['empty', { key: ' ' }],
    ['of characters that cannot travel', { key: 'schlüssel-1' }],
    ['given beside a format', { key: 'ABCD-2', format: { sections: 4 } }],
  ])('is refused where it is %s', async (_, input) => {
    const made = here.licensing.licenses.create({ productId: here.productId, ...input })
    await expect(made).rejects.toMatchObject({ code: 'INVALID_REQUEST', detail: { field: 'key' } })
  })
})
