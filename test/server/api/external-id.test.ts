import { describe, expect, it } from 'vitest'
import { createStore } from '../../../src/storage/verbs/create-store'
import { STORAGES, useLicensing } from './storages'

const ORDER = 'Bestellung ✓ 4711'
const page = { limit: 10 }

describe.each(Object.keys(STORAGES))('the external id of a license, on %s', (name) => {
  const here = useLicensing(name)

  it('is stored, shown, changed, cleared and exported', async () => {
    const { key, license } = await here.licensing.licenses.create({ productId: here.productId, externalId: ORDER })
    expect(license.externalId).toBe(ORDER)
    expect((await here.licensing.licenses.get(key)).license).toEqual(license)
    const { records } = await createStore(here.storage).exportRecords('license', null, 10)
    expect(records).toEqual([{ kind: 'license', value: license }])

    expect((await here.licensing.licenses.update(key, { maxActivations: 3 })).externalId).toBe(ORDER)
    expect((await here.licensing.licenses.update(key, { externalId: 'another' })).externalId).toBe('another')
    expect((await here.licensing.licenses.update(key, { externalId: null })).externalId).toBeNull()
    expect((await here.licensing.licenses.get(key)).license.externalId).toBeNull()
    await here.licensing.licenses.delete(key)
  })

  it('finds the licenses that have it, of this account alone', async () => {
    const make = async (externalId: string | null, of = here.licensing.licenses, sold = here.productId) =>
      (await of.create({ productId: sold, externalId })).license.id
    const [first, second] = [await make('order-1'), await make('order-1')]
    await make(null)
    await make('order-2')
    const other = here.licensing.forAccount((await here.licensing.createAccount({ name: 'Other', plan: 'free' })).id)
    const theirs = (await other.products.create({ name: 'Viewer' })).id
    await make('order-1', other.licenses, theirs)

    const { items, total } = await here.licensing.licenses.list({ externalId: 'order-1' }, page)
    expect([items.map(({ id }) => id), total]).toEqual([[first, second], 2])
    expect(await here.licensing.licenses.list({ externalId: 'order-1' }, { limit: 1, offset: 1 })).toEqual({
      items: [items[1]],
      total: 2,
    })
    expect((await here.licensing.licenses.list({ externalId: 'order-1', productId: here.productId }, page)).total).toBe(
      2,
    )
    expect((await here.licensing.licenses.list({ externalId: 'order-1', productId: theirs }, page)).total).toBe(0)
    expect((await here.licensing.licenses.list({ externalId: 'order-3' }, page)).total).toBe(0)
  })

  it('is a text of 1 to 256 characters', async () => {
    const longest = 'ü'.repeat(256)
    const { license } = await here.licensing.licenses.create({ productId: here.productId, externalId: longest })
    expect((await here.licensing.licenses.list({ externalId: longest }, page)).items).toEqual([license])
    for (const externalId of ['', `${longest}ü`, 'a\0b', '\ud800']) {
      const refused = { code: 'INVALID_REQUEST', detail: { field: 'externalId' } }
      await expect(here.licensing.licenses.create({ productId: here.productId, externalId })).rejects.toMatchObject(
        refused,
      )
      await expect(here.licensing.licenses.update(license.key, { externalId })).rejects.toMatchObject(refused)
    }
  })
})
