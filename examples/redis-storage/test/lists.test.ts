import { randomUUID } from 'node:crypto'
import type { Customer } from 'keyslot/server'
import { expect, inject, it } from 'vitest'
import { redisStorage } from '../redis-storage'
import { ACCOUNT, NOW, newLicense, PRODUCT, sell } from './scene'

it('licenses of one product and one customer are those on both lists, in pages', async () => {
  const storage = redisStorage({ url: inject('redisUrl'), prefix: `{${randomUUID()}}:` })
  await storage.open()
  await sell(storage)
  await storage.insertProduct(ACCOUNT.id, { ...PRODUCT, id: 'prod_viewer' }, { now: NOW })
  const of = { accountId: ACCOUNT.id, name: 'Ada', email: null, active: true, createdBy: 'api' }
  const ada: Customer = { ...of, id: 'cus_ada', createdAt: NOW, updatedAt: NOW }
  await storage.insertCustomer(ACCOUNT.id, ada, { now: NOW })
  const sold = [
    newLicense('c', { customerId: ada.id }),
    newLicense('a', { customerId: ada.id, productIds: ['prod_viewer', PRODUCT.id] }),
    newLicense('b', { customerId: ada.id, productIds: ['prod_viewer'] }),
    newLicense('nobody'),
    newLicense('last', { customerId: ada.id }),
  ]
  for (const license of sold) await storage.insertLicenses(ACCOUNT.id, { licenses: [license] }, { now: NOW })

  const both = { productId: PRODUCT.id, customerId: ada.id }
  const read = async (limit: number, offset: number) => {
    const { items, total } = await storage.listLicenses(ACCOUNT.id, both, { limit, offset })
    expect(total).toBe(3)
    return items.map(({ id }) => id)
  }
  expect(await read(10, 0)).toEqual(['lic_c', 'lic_a', 'lic_last'])
  expect(await read(2, 1)).toEqual(['lic_a', 'lic_last'])
  expect(await read(0, 0)).toEqual([])
  await storage.close()
})
