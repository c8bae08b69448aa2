import assert from 'node:assert/strict'
import type { Store } from '../../../../src/storage/verbs/store'
import { ACCOUNT, ALL, after, NOW, newAccessToken, newCustomer, OTHER_ACCOUNT } from './entities'
import { mutatingVerbs, setScene } from './mutating-verbs'
import { everythingOf } from './observations'
import type { ConformanceGroup } from './stage'
import { testsFor } from './tests-for'

const empty = { items: [], total: 0 }

/** Every reading verb as the other account calls it, and what it finds. */
const readings: Readonly<Record<string, Reading>> = {
  listAccessTokens: reading(empty, (storage, id) => storage.listAccessTokens(id, ALL)),
  findProduct: reading(null, (storage, id) => storage.findProduct(id, 'prod_editor')),
  findProductsByPackageIds: reading([], (storage, id) => storage.findProductsByPackageIds(id, range(100))),
  listProducts: reading(empty, (storage, id) => storage.listProducts(id, ALL)),
  findProductVersion: reading(null, (storage, id) => storage.findProductVersion(id, 'prod_editor', 'ver_1.0')),
  listProductVersions: reading(empty, (storage, id) => storage.listProductVersions(id, 'prod_editor', ALL)),
  findCustomer: reading(null, (storage, id) => storage.findCustomer(id, 'cus_ada')),
  findCustomerByEmail: reading(null, (storage, id) => storage.findCustomerByEmail(id, 'ada@example.com')),
  listCustomers: reading(empty, (storage, id) => storage.listCustomers(id, {}, ALL)),
  'listCustomers by email': reading(empty, (storage, id) =>
    storage.listCustomers(id, { email: 'ada@example.com' }, ALL),
  ),
  findLicense: reading({ kind: 'foreign' }, (storage, id) => storage.findLicense(id, 'KEY-ONE')),
  listLicenses: reading(empty, (storage, id) => storage.listLicenses(id, {}, ALL)),
  'listLicenses by product': reading(empty, (storage, id) =>
    storage.listLicenses(id, { productId: 'prod_editor' }, ALL),
  ),
  'listLicenses by customer': reading(empty, (storage, id) => storage.listLicenses(id, { customerId: 'cus_ada' }, ALL)),
  'listLicenses by external id': reading(empty, (storage, id) =>
    storage.listLicenses(id, { externalId: 'order-1' }, ALL),
  ),
  listActivations: reading(empty, (storage, id) => storage.listActivations(id, 'lic_one', ALL)),
  findActivation: reading({ kind: 'gone' }, (storage, id) =>
    storage.findActivation(id, { canonicalKey: 'KEY-ONE', productId: 'prod_editor', hostId: 'host-1' }),
  ),
  findSession: reading({ kind: 'gone' }, (storage, id) => {
    const target = { canonicalKey: 'KEY-FLOAT', productId: 'prod_editor', sessionId: 'ses_host-1' }
    return storage.findSession(id, target, NOW)
  }),
  listSessions: reading(empty, (storage, id) => storage.listSessions(id, 'lic_float', NOW, ALL)),
  listWebhookEndpoints: reading(empty, (storage, id) => storage.listWebhookEndpoints(id, ALL)),
}

interface Reading {
  readonly found: unknown
  readonly read: (storage: Store, accountId: string) => unknown
}

function reading(found: unknown, read: Reading['read']): Reading {
  return { found, read }
}

function range(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index)
}

export const accounts: ConformanceGroup = {
  name: 'accounts',
  tests: {
    ...testsFor(
      readings,
      (name) => `${name} finds nothing of another account's`,
      async ({ storage }, { read, found }) => {
        await setScene(storage)
        assert.deepEqual(await read(storage, OTHER_ACCOUNT.id), found)
      },
    ),

    ...testsFor(
      mutatingVerbs,
      (name) => `${name} touches nothing of another account's`,
      async ({ storage }, { foreignKind, call }) => {
        await setScene(storage)
        const before = await everythingOf(storage, ACCOUNT.id)
        const outcome = await call(storage, OTHER_ACCOUNT.id, { now: after(1) })
        assert.equal(outcome.kind, foreignKind ?? 'created')
        assert.deepEqual(await everythingOf(storage, ACCOUNT.id), before)
      },
    ),

    'one email and one customer name may exist in both': async ({ storage }) => {
      await setScene(storage)
      const accountId = OTHER_ACCOUNT.id
      const theirs = newCustomer('ada', { id: 'cus_theirs', accountId })
      const inserted = await storage.insertCustomer(accountId, theirs, { now: NOW })
      assert.deepEqual(inserted, { kind: 'created', customer: theirs })
      assert.deepEqual(await storage.findCustomerByEmail(accountId, 'ada@example.com'), theirs)
      const token = newAccessToken('theirs', { accountId })
      await storage.insertAccessToken(accountId, token, { now: NOW })
      assert.deepEqual(await storage.listAccessTokens(accountId, ALL), { items: [token], total: 1 })
    },
  },
}
