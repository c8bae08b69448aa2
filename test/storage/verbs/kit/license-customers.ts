import assert from 'node:assert/strict'
import type { Store } from '../../../../src/storage/verbs/store'
import { ACCOUNT, ALL, after, NOW, newCustomer, OTHER_ACCOUNT, type Sale, sell, sellMore } from './entities'
import { everythingIn, storedLicense } from './observations'
import { outcomeOf } from './outcomes'
import type { ConformanceGroup } from './stage'

function giveTo(
  storage: Store,
  { target }: Sale,
  name: string,
  onEmailTaken: 'refuse' | 'reuse',
  email = `${name}@example.com`,
) {
  const newCustomerOf = { customer: newCustomer(name, { email }), onEmailTaken }
  return storage.updateLicense(ACCOUNT.id, target, { maxActivations: 9, newCustomer: newCustomerOf }, { now: after(1) })
}

export const licenseCustomers: ConformanceGroup = {
  name: 'a new customer for a license',
  tests: {
    'is stored in the same step': async ({ storage }) => {
      const sale = await sell(storage)
      const expected = { ...sale.license, customerId: 'cus_ada', maxActivations: 9, updatedAt: after(1) }
      assert.deepEqual(await giveTo(storage, sale, 'ada', 'refuse'), { kind: 'updated', license: expected })
      assert.deepEqual(await storage.findCustomer(ACCOUNT.id, 'cus_ada'), newCustomer('ada'))
      const found = await storage.findLicense(ACCOUNT.id, sale.target.canonicalKey)
      assert.deepEqual(found, { kind: 'found', license: expected, customer: newCustomer('ada') })
    },

    'takes the place of the one it had': async ({ storage }) => {
      await storage.insertCustomer(ACCOUNT.id, newCustomer('bob'), { now: NOW })
      const sale = await sell(storage, { customerId: 'cus_bob' })
      assert.equal(outcomeOf(await giveTo(storage, sale, 'ada', 'reuse'), 'updated').license.customerId, 'cus_ada')
      assert.equal((await storage.listLicenses(ACCOUNT.id, { customerId: 'cus_bob' }, ALL)).total, 0)
    },

    'is refused when the email is taken, with all other changes': async ({ storage }) => {
      await storage.insertCustomer(ACCOUNT.id, newCustomer('ada'), { now: NOW })
      const sale = await sell(storage)
      const before = await everythingIn(storage)
      assert.deepEqual(await giveTo(storage, sale, 'new', 'refuse', 'ADA@example.com'), { kind: 'email-taken' })
      assert.deepEqual(await everythingIn(storage), before)
    },

    'gives way to the one who has the email, when that is wanted': async ({ storage }) => {
      const ada = newCustomer('ada')
      await storage.insertCustomer(ACCOUNT.id, ada, { now: NOW })
      const sale = await sell(storage)
      const { license } = outcomeOf(await giveTo(storage, sale, 'new', 'reuse', 'ADA@example.com'), 'updated')
      assert.equal(license.customerId, ada.id)
      assert.deepEqual(await storage.listCustomers(ACCOUNT.id, {}, ALL), { items: [ada], total: 1 })
    },

    'may have the email of a customer of another account': async ({ storage }) => {
      const theirs = newCustomer('theirs', { accountId: OTHER_ACCOUNT.id, email: 'ada@example.com' })
      await storage.insertCustomer(OTHER_ACCOUNT.id, theirs, { now: NOW })
      const sale = await sell(storage)
      assert.equal(outcomeOf(await giveTo(storage, sale, 'ada', 'refuse'), 'updated').license.customerId, 'cus_ada')
    },

    'is not stored where the license is missing': async ({ storage }) => {
      const sale = await sell(storage)
      const missing = { ...sale, target: { ...sale.target, canonicalKey: 'KEY-UNKNOWN' } }
      assert.deepEqual(await giveTo(storage, missing, 'ada', 'refuse'), { kind: 'gone' })
      assert.equal(await storage.findCustomer(ACCOUNT.id, 'cus_ada'), null)
    },

    'is one for all when many licenses get it at once': async ({ storage }) => {
      const first = await sell(storage)
      const sales = [first]
      for (let index = 0; index < 9; index += 1) sales.push(await sellMore(storage, first.product, `l${index}`))
      const given = sales.map((sale, index) => giveTo(storage, sale, `c${index}`, 'reuse', 'ada@example.com'))
      for (const outcome of await Promise.all(given)) outcomeOf(outcome, 'updated')
      const owners = await Promise.all(sales.map((sale) => storedLicense(storage, sale)))
      assert.equal(new Set(owners.map(({ customerId }) => customerId)).size, 1)
      assert.equal((await storage.listCustomers(ACCOUNT.id, {}, ALL)).total, 1)
    },
  },
}
