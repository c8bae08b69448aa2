import assert from 'node:assert/strict'
import type { Storage } from '../contract'
import {
  ACCOUNT,
  ALL,
  after,
  HOUR_MS,
  NOW,
  newAccessToken,
  newCustomer,
  newLicense,
  newProduct,
  OTHER_ACCOUNT,
} from './entities'
import type { ConformanceGroup } from './kit'
import { mutatingVerbs, setScene } from './mutating-verbs'
import { everythingIn, everythingOf } from './observations'
import { outcomeOf, tally } from './outcomes'
import { testsFor } from './tests-for'

const empty = { items: [], total: 0 }

/** Every reading verb as the other account calls it, and what it finds. */
const readings: Readonly<
  Record<string, readonly [read: (storage: Storage, accountId: string) => unknown, found: unknown]>
> = {
  listAccessTokens: [(storage, id) => storage.listAccessTokens(id, ALL), empty],
  findProduct: [(storage, id) => storage.findProduct(id, 'prod_editor'), null],
  findProductsByPackageIds: [(storage, id) => storage.findProductsByPackageIds(id, range(100)), []],
  listProducts: [(storage, id) => storage.listProducts(id, ALL), empty],
  findCustomer: [(storage, id) => storage.findCustomer(id, 'cus_ada'), null],
  findCustomerByEmail: [(storage, id) => storage.findCustomerByEmail(id, 'ada@example.com'), null],
  listCustomers: [(storage, id) => storage.listCustomers(id, {}, ALL), empty],
  'listCustomers by email': [(storage, id) => storage.listCustomers(id, { email: 'ada@example.com' }, ALL), empty],
  findLicense: [(storage, id) => storage.findLicense(id, 'KEY-ONE'), { kind: 'foreign' }],
  listLicenses: [(storage, id) => storage.listLicenses(id, {}, ALL), empty],
  'listLicenses by product': [(storage, id) => storage.listLicenses(id, { productId: 'prod_editor' }, ALL), empty],
  'listLicenses by customer': [(storage, id) => storage.listLicenses(id, { customerId: 'cus_ada' }, ALL), empty],
  listActivations: [(storage, id) => storage.listActivations(id, 'lic_one', ALL), empty],
  findActivation: [
    (storage, id) =>
      storage.findActivation(id, { canonicalKey: 'KEY-ONE', productId: 'prod_editor', hostId: 'host-1' }),
    { kind: 'gone' },
  ],
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
      async ({ storage }, [read, found]) => {
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

    "touchActivation touches nothing of another account's": async ({ storage }) => {
      await setScene(storage)
      const before = await everythingIn(storage)
      await storage.touchActivation(OTHER_ACCOUNT.id, 'lic_one', 'host-1', after(HOUR_MS))
      assert.deepEqual(await everythingIn(storage), before)
    },

    'a license that names a product of another account is gone for both': async ({ storage }) => {
      await setScene(storage)
      const accountId = OTHER_ACCOUNT.id
      await storage.insertProduct(accountId, newProduct('theirs'), { now: NOW })
      const stray = newLicense('stray', { accountId, productIds: ['prod_theirs', 'prod_editor'] })
      outcomeOf(await storage.insertLicenses(accountId, { licenses: [stray] }, { now: NOW }), 'created')
      const target = { canonicalKey: stray.canonicalKey, productId: 'prod_editor', hostId: 'host-1' }
      const outcomes = await Promise.all(['acct_first', accountId].map((id) => storage.findActivation(id, target)))
      assert.deepEqual(tally(outcomes), { gone: 2 })
    },

    'one email and one customer name may exist in both': async ({ storage }) => {
      await setScene(storage)
      const accountId = OTHER_ACCOUNT.id
      const theirs = newCustomer('ada', { id: 'cus_theirs', accountId })
      assert.deepEqual(await storage.insertCustomer(accountId, theirs, { now: NOW }), { kind: 'created' })
      assert.deepEqual(await storage.findCustomerByEmail(accountId, 'ada@example.com'), theirs)
      const token = newAccessToken('theirs', { accountId })
      await storage.insertAccessToken(accountId, token, { now: NOW })
      assert.deepEqual(await storage.listAccessTokens(accountId, ALL), { items: [token], total: 1 })
    },
  },
}
