import assert from 'node:assert/strict'
import type { Page, PageRequest, Storage } from '../contract'
import { ACCOUNT, claim, NOW, newAccessToken, newCustomer, newProduct, sell, sellMore } from './entities'
import type { ConformanceGroup } from './kit'
import { testsFor } from './tests-for'

const ROWS = 7

type List = (storage: Storage, page: PageRequest) => Promise<Page<unknown>>

/** Every list, each of seven rows, most of them of one instant. */
const lists: Readonly<Record<string, List>> = {
  listLicenses: (storage, page) => storage.listLicenses(ACCOUNT.id, {}, page),
  'listLicenses by product': (storage, page) => storage.listLicenses(ACCOUNT.id, { productId: 'prod_editor' }, page),
  'listLicenses by customer': (storage, page) => storage.listLicenses(ACCOUNT.id, { customerId: 'cus_0' }, page),
  listActivations: (storage, page) => storage.listActivations(ACCOUNT.id, 'lic_one', page),
  listCustomers: (storage, page) => storage.listCustomers(ACCOUNT.id, {}, page),
  listProducts: (storage, page) => storage.listProducts(ACCOUNT.id, page),
  listAccessTokens: (storage, page) => storage.listAccessTokens(ACCOUNT.id, page),
}

async function fill(storage: Storage): Promise<void> {
  await storage.insertCustomer(ACCOUNT.id, newCustomer('0'), { now: NOW })
  const sale = await sell(storage, { customerId: 'cus_0', maxActivations: null })
  // Counting down, so that ids and times do not happen to agree with the order of insertion.
  for (let index = ROWS - 1; index > 0; index -= 1) {
    await sellMore(storage, sale.product, `l${index}`, { customerId: 'cus_0' })
    await storage.insertCustomer(ACCOUNT.id, newCustomer(`${index}`), { now: NOW })
    await storage.insertProduct(ACCOUNT.id, newProduct(`p${index}`), { now: NOW })
    await storage.insertAccessToken(ACCOUNT.id, newAccessToken(`t${index}`), { now: NOW })
    await claim(storage, sale, `host-${index}`)
  }
  await storage.insertAccessToken(ACCOUNT.id, newAccessToken('t0'), { now: NOW })
  await claim(storage, sale, 'host-0')
}

export const paging: ConformanceGroup = {
  name: 'paging',
  tests: testsFor(
    lists,
    (name) => `${name} in pages has each row once, in one order`,
    async ({ storage }, list) => {
      await fill(storage)
      const whole = await list(storage, { limit: 100 })
      assert.deepEqual([whole.items.length, whole.total], [ROWS, ROWS])
      for (const limit of [1, 3, ROWS]) {
        const joined: unknown[] = []
        for (let offset = 0; offset < ROWS; offset += limit) {
          const page = await list(storage, { limit, offset })
          assert.deepEqual([page.items.length, page.total], [Math.min(limit, ROWS - offset), ROWS])
          joined.push(...page.items)
        }
        assert.deepEqual(joined, whole.items)
      }
      assert.deepEqual(await list(storage, { limit: 3, offset: ROWS }), { items: [], total: ROWS })
    },
  ),
}
