import assert from 'node:assert/strict'
import type { Page, PageRequest, Store } from '../../../../src/storage/verbs/store'
import {
  ACCOUNT,
  checkout,
  claim,
  NOW,
  newAccessToken,
  newCustomer,
  newEndpoint,
  newEvent,
  newProduct,
  newVersion,
  sell,
  sellMore,
} from './entities'
import type { ConformanceGroup } from './stage'
import { testsFor } from './tests-for'

const ROWS = 7

type List = (storage: Store, page: PageRequest) => Promise<Page<unknown>>

/** Every list, each of seven rows, most of them of one instant. */
const lists: Readonly<Record<string, List>> = {
  listLicenses: (storage, page) => storage.listLicenses(ACCOUNT.id, {}, page),
  'listLicenses by product': (storage, page) => storage.listLicenses(ACCOUNT.id, { productId: 'prod_editor' }, page),
  'listLicenses by customer': (storage, page) => storage.listLicenses(ACCOUNT.id, { customerId: 'cus_0' }, page),
  'listLicenses by external id': (storage, page) => storage.listLicenses(ACCOUNT.id, { externalId: 'order-1' }, page),
  listActivations: (storage, page) => storage.listActivations(ACCOUNT.id, 'lic_one', page),
  listCustomers: (storage, page) => storage.listCustomers(ACCOUNT.id, {}, page),
  listProducts: (storage, page) => storage.listProducts(ACCOUNT.id, page),
  listAccessTokens: (storage, page) => storage.listAccessTokens(ACCOUNT.id, page),
  listProductVersions: (storage, page) => storage.listProductVersions(ACCOUNT.id, 'prod_editor', page),
  listSessions: (storage, page) => storage.listSessions(ACCOUNT.id, 'lic_l1', NOW, page),
  listEvents: (storage, page) => storage.listEvents(ACCOUNT.id, {}, page),
  listWebhookEndpoints: (storage, page) => storage.listWebhookEndpoints(ACCOUNT.id, page),
  listDeliveries: (storage, page) => storage.listDeliveries(ACCOUNT.id, {}, page),
  'listDeliveries by endpoint': (storage, page) =>
    storage.listDeliveries(ACCOUNT.id, { endpointId: 'hook_0', status: 'pending' }, page),
}

async function fill(storage: Store): Promise<void> {
  // The first endpoint is the one that events are delivered to: seven deliveries, not forty-nine.
  await storage.insertWebhookEndpoint(ACCOUNT.id, newEndpoint('0'), { now: NOW })
  await storage.insertCustomer(ACCOUNT.id, newCustomer('0'), { now: NOW })
  const ours = { customerId: 'cus_0', externalId: 'order-1' }
  const sale = await sell(storage, { ...ours, maxActivations: null })
  // Counting down, so that ids and times do not happen to agree with the order of insertion.
  for (let index = ROWS - 1; index > 0; index -= 1) {
    await sellMore(storage, sale.product, `l${index}`, { ...ours, type: 'floating' })
    await storage.insertCustomer(ACCOUNT.id, newCustomer(`${index}`), { now: NOW })
    await storage.insertProduct(ACCOUNT.id, newProduct(`p${index}`), { now: NOW })
    await storage.insertAccessToken(ACCOUNT.id, newAccessToken(`t${index}`), { now: NOW })
    await claim(storage, sale, `host-${index}`)
  }
  await storage.insertAccessToken(ACCOUNT.id, newAccessToken('t0'), { now: NOW })
  await claim(storage, sale, 'host-0')

  const floating = { ...sale, target: { ...sale.target, canonicalKey: 'KEY-L1' } }
  for (let index = ROWS; index > 0; index -= 1) {
    const planned = { created: [newEvent(`e${index}`)] }
    await storage.insertProductVersion(ACCOUNT.id, newVersion(`v${index}`), { now: NOW, events: planned })
    await checkout(storage, floating, `host-${index}`)
    if (index === ROWS) continue
    await storage.insertWebhookEndpoint(ACCOUNT.id, newEndpoint(`${index}`, { active: false }), { now: NOW })
  }
}

export const paging: ConformanceGroup = {
  name: 'paging',
  tests: testsFor(
    lists,
    (name) => `${name} in pages has each row once, in one order`,
    async ({ storage }, read) => {
      await fill(storage)
      const whole = await read(storage, { limit: 100 })
      assert.deepEqual([whole.items.length, whole.total], [ROWS, ROWS])
      for (const limit of [1, 3, ROWS]) {
        const joined: unknown[] = []
        for (let offset = 0; offset < ROWS; offset += limit) {
          const page = await read(storage, { limit, offset })
          assert.deepEqual([page.items.length, page.total], [Math.min(limit, ROWS - offset), ROWS])
          joined.push(...page.items)
        }
        assert.deepEqual(joined, whole.items)
      }
      assert.deepEqual(await read(storage, { limit: 3, offset: ROWS }), { items: [], total: ROWS })
    },
  ),
}
