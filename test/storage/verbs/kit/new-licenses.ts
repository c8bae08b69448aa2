import assert from 'node:assert/strict'
import { ACCOUNT, ALL, NOW, newCustomer, newLicense, newProduct, OTHER_ACCOUNT, sell } from './entities'
import { everythingIn } from './observations'
import { outcomeOf, tally } from './outcomes'
import type { ConformanceGroup } from './stage'

export const newLicenses: ConformanceGroup = {
  name: 'new licenses',
  tests: {
    'stores licenses and finds each by its key': async ({ storage }) => {
      await sell(storage)
      await storage.insertCustomer(ACCOUNT.id, newCustomer('ada'), { now: NOW })
      const inserted = [newLicense('a', { customerId: 'cus_ada' }), newLicense('b', { customerId: 'cus_ada' })]
      const created = outcomeOf(
        await storage.insertLicenses(ACCOUNT.id, { licenses: inserted }, { now: NOW }),
        'created',
      )
      assert.deepEqual(created, { kind: 'created', licenses: inserted, customer: newCustomer('ada') })
      for (const license of inserted) {
        const found = await storage.findLicense(ACCOUNT.id, license.canonicalKey)
        assert.deepEqual(found, { kind: 'found', license, customer: newCustomer('ada') })
      }
      assert.deepEqual(await storage.findLicense(ACCOUNT.id, 'KEY-UNKNOWN'), { kind: 'gone' })
    },

    'stores all or none: a key that exists here, in another account, or twice in the input': async ({ storage }) => {
      await sell(storage)
      const foreign = newLicense('foreign', { accountId: OTHER_ACCOUNT.id, productIds: ['prod_theirs'] })
      await storage.insertProduct(OTHER_ACCOUNT.id, newProduct('theirs'), { now: NOW })
      await storage.insertLicenses(OTHER_ACCOUNT.id, { licenses: [foreign] }, { now: NOW })
      const before = await everythingIn(storage)
      for (const taken of ['KEY-ONE', 'KEY-FOREIGN', 'KEY-A']) {
        const customer = newCustomer('ada')
        const batch = [newLicense('a'), newLicense('b'), newLicense('c', { canonicalKey: taken })]
        const input = {
          licenses: batch.map((license) => ({ ...license, customerId: customer.id })),
          newCustomer: { customer, onEmailTaken: 'refuse' as const },
        }
        assert.deepEqual(await storage.insertLicenses(ACCOUNT.id, input, { now: NOW }), { kind: 'key-taken' })
        assert.deepEqual(await everythingIn(storage), before)
      }
    },

    'lets one of many take a key': async ({ storage }) => {
      await sell(storage)
      const outcomes = await Promise.all(
        Array.from({ length: 20 }, (_, index) => {
          const batch = [newLicense(`own${index}`), newLicense(`contested${index}`, { canonicalKey: 'KEY-CONTESTED' })]
          return storage.insertLicenses(ACCOUNT.id, { licenses: batch }, { now: NOW })
        }),
      )
      assert.deepEqual(tally(outcomes), { created: 1, 'key-taken': 19 })
      assert.equal((await storage.listLicenses(ACCOUNT.id, {}, ALL)).total, 3)
    },

    'leaves nothing behind when a step fails half-way': async ({ storage }) => {
      const { license } = await sell(storage)
      const before = await everythingIn(storage)
      const customer = newCustomer('ada')
      const batch = [newLicense('a'), newLicense('b', { id: license.id })]
      const input = {
        licenses: batch.map((row) => ({ ...row, customerId: customer.id })),
        newCustomer: { customer, onEmailTaken: 'refuse' as const },
      }
      await assert.rejects(storage.insertLicenses(ACCOUNT.id, input, { now: NOW }), 'a taken id is a fault')
      assert.deepEqual(await everythingIn(storage), before)
    },

    'refuses a product the account has not, or has switched off, and stores nothing': async ({ storage }) => {
      await sell(storage)
      const products = { off: { id: ACCOUNT.id, active: false }, theirs: { id: OTHER_ACCOUNT.id, active: true } }
      for (const [name, { id, active }] of Object.entries(products)) {
        await storage.insertProduct(id, newProduct(name, { active }), { now: NOW })
      }
      const before = await everythingIn(storage)
      for (const productId of ['prod_unknown', 'prod_off', 'prod_theirs']) {
        for (const productIds of [[productId], ['prod_editor', productId]]) {
          const customer = newCustomer('ada')
          const input = {
            licenses: [newLicense('a', { productIds, customerId: customer.id })],
            newCustomer: { customer, onEmailTaken: 'refuse' as const },
          }
          const outcome = await storage.insertLicenses(ACCOUNT.id, input, { now: NOW })
          assert.deepEqual(outcome, { kind: 'product-not-found' }, productIds.join())
          assert.deepEqual(await everythingIn(storage), before)
        }
      }
    },

    'refuses a customer the account has not': async ({ storage }) => {
      await sell(storage)
      const theirs = newCustomer('theirs', { accountId: OTHER_ACCOUNT.id })
      await storage.insertCustomer(OTHER_ACCOUNT.id, theirs, { now: NOW })
      for (const customerId of ['cus_unknown', theirs.id]) {
        const input = { licenses: [newLicense('a', { customerId })] }
        assert.deepEqual(await storage.insertLicenses(ACCOUNT.id, input, { now: NOW }), { kind: 'customer-not-found' })
      }
      assert.deepEqual(await storage.findLicense(ACCOUNT.id, 'KEY-A'), { kind: 'gone' })
    },

    'stores a new customer along; when the email is taken, refuses or uses who has it': async ({ storage }) => {
      await sell(storage)
      const insert = (name: string, email: string, onEmailTaken: 'refuse' | 'reuse') => {
        const customer = newCustomer(name, { email })
        const input = {
          licenses: [newLicense(name, { customerId: customer.id })],
          newCustomer: { customer, onEmailTaken },
        }
        return storage.insertLicenses(ACCOUNT.id, input, { now: NOW })
      }
      const ada = newCustomer('ada', { email: 'ada@example.com' })
      assert.deepEqual(outcomeOf(await insert('ada', 'ada@example.com', 'reuse'), 'created').customer, ada)
      assert.deepEqual(await storage.findCustomer(ACCOUNT.id, ada.id), ada)

      assert.deepEqual(await insert('second', 'ADA@example.com', 'refuse'), { kind: 'email-taken' })
      assert.deepEqual(await storage.findLicense(ACCOUNT.id, 'KEY-SECOND'), { kind: 'gone' })

      const reused = outcomeOf(await insert('third', 'ADA@example.com', 'reuse'), 'created')
      assert.deepEqual(reused.customer, ada)
      assert.equal(reused.licenses[0]?.customerId, ada.id)
      const found = outcomeOf(await storage.findLicense(ACCOUNT.id, 'KEY-THIRD'), 'found')
      assert.deepEqual(found.customer, ada)
      assert.equal((await storage.listCustomers(ACCOUNT.id, {}, ALL)).total, 1)
    },

    'creates one customer when many sales to one email arrive at once': async ({ storage }) => {
      await sell(storage)
      const outcomes = await Promise.all(
        Array.from({ length: 20 }, (_, index) => {
          const customer = newCustomer(`c${index}`, { email: 'ada@example.com' })
          const input = {
            licenses: [newLicense(`l${index}`, { customerId: customer.id })],
            newCustomer: { customer, onEmailTaken: 'reuse' as const },
          }
          return storage.insertLicenses(ACCOUNT.id, input, { now: NOW })
        }),
      )
      const owners = new Set(outcomes.map((outcome) => outcomeOf(outcome, 'created').customer?.id))
      assert.equal(owners.size, 1)
      const [customerId = ''] = [...owners]
      assert.equal((await storage.listLicenses(ACCOUNT.id, { customerId }, ALL)).total, 20)
      assert.equal((await storage.listCustomers(ACCOUNT.id, {}, ALL)).total, 1)
    },
  },
}
