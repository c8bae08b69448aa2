import assert from 'node:assert/strict'
import { ACCOUNT, ALL, after, claim, NOW, newCustomer, OTHER_ACCOUNT, sell, sellMore } from './entities'
import { storedCustomer } from './observations'
import { outcomeOf, tally } from './outcomes'
import type { ConformanceGroup } from './stage'

export const customers: ConformanceGroup = {
  name: 'customers',
  tests: {
    'finds a customer by id and by email in any letter case': async ({ storage }) => {
      const ada = newCustomer('ada', { email: 'Ada@Example.com' })
      const inserted = await storage.insertCustomer(ACCOUNT.id, ada, { now: NOW })
      assert.deepEqual(inserted, { kind: 'created', customer: ada })
      assert.deepEqual(await storage.findCustomer(ACCOUNT.id, ada.id), ada)
      assert.deepEqual(await storage.findCustomerByEmail(ACCOUNT.id, 'aDA@eXAMPLE.COM'), ada)
      const listed = await storage.listCustomers(ACCOUNT.id, { email: 'ADA@example.com' }, ALL)
      assert.deepEqual(listed, { items: [ada], total: 1 })
      assert.equal(await storage.findCustomer(ACCOUNT.id, 'cus_unknown'), null)
      assert.equal(await storage.findCustomerByEmail(ACCOUNT.id, 'nobody@example.com'), null)
      const nobody = await storage.listCustomers(ACCOUNT.id, { email: 'nobody@example.com' }, ALL)
      assert.deepEqual(nobody, { items: [], total: 0 })
    },

    'takes an email once per account, compared in its canonical form': async ({ storage }) => {
      const insert = async (name: string, email: string | null, accountId = ACCOUNT.id) => {
        const customer = newCustomer(name, { email, accountId })
        return (await storage.insertCustomer(accountId, customer, { now: NOW })).kind
      }
      assert.equal(await insert('a', 'ada@example.com'), 'created')
      assert.equal(await insert('b', 'ADA@EXAMPLE.COM'), 'email-taken')
      // Full-width letters are others: the mailbox may be somebody else's. Letters outside ASCII have letter case too.
      assert.equal(await insert('c', 'ａｄａ@example.com'), 'created')
      assert.equal(await insert('d', 'jörg@example.com'), 'created')
      assert.equal(await insert('e', ' JO\u0308RG@example.com'), 'email-taken')
      assert.equal(await insert('f', 'ada@example.com', OTHER_ACCOUNT.id), 'created')
      assert.equal(await insert('g', null), 'created')
      assert.equal(await insert('h', null), 'created')
      assert.equal((await storage.listCustomers(ACCOUNT.id, {}, ALL)).total, 5)
    },

    'keeps what is no email as it is, and finds nobody by it': async ({ storage }) => {
      const texts = ['no email', 'two@at@example.com', `${'a'.repeat(250)}@example.com`]
      for (const [index, email] of [...texts, ...texts].entries()) {
        const customer = newCustomer(`c${index}`, { email })
        const inserted = await storage.insertCustomer(ACCOUNT.id, customer, { now: NOW })
        assert.deepEqual(inserted, { kind: 'created', customer })
      }
      for (const email of texts) {
        assert.equal(await storage.findCustomerByEmail(ACCOUNT.id, email), null)
        assert.deepEqual(await storage.listCustomers(ACCOUNT.id, { email }, ALL), { items: [], total: 0 })
      }
    },

    'lets one of many take an email': async ({ storage }) => {
      const outcomes = await Promise.all(
        Array.from({ length: 20 }, (_, index) => {
          const email = index % 2 === 0 ? 'ada@example.com' : 'ADA@example.com'
          return storage.insertCustomer(ACCOUNT.id, newCustomer(`c${index}`, { email }), { now: NOW })
        }),
      )
      assert.deepEqual(tally(outcomes), { created: 1, 'email-taken': 19 })
      assert.equal((await storage.listCustomers(ACCOUNT.id, {}, ALL)).total, 1)
    },

    'lets one of many change to an email': async ({ storage }) => {
      const names = Array.from({ length: 10 }, (_, index) => `c${index}`)
      for (const name of names) await storage.insertCustomer(ACCOUNT.id, newCustomer(name), { now: NOW })
      const outcomes = await Promise.all(
        names.map((name) =>
          storage.updateCustomer(ACCOUNT.id, `cus_${name}`, { email: 'one@example.com' }, { now: NOW }),
        ),
      )
      assert.deepEqual(tally(outcomes), { updated: 1, 'email-taken': 9 })
    },

    'changes what is given, keeps the rest, and notes when': async ({ storage }) => {
      let expected = newCustomer('ada')
      await storage.insertCustomer(ACCOUNT.id, expected, { now: NOW })
      const steps = [{ name: 'Ada L.' }, { email: 'ADA@example.com' }, { active: false }, { email: null }, {}]
      for (const [index, changes] of steps.entries()) {
        const now = after(index + 1)
        expected = { ...expected, ...changes, updatedAt: now }
        const updated = await storage.updateCustomer(ACCOUNT.id, expected.id, changes, { now })
        assert.deepEqual(updated, { kind: 'updated', customer: expected })
        assert.deepEqual(await storage.findCustomer(ACCOUNT.id, expected.id), expected)
      }
      const missing = await storage.updateCustomer(ACCOUNT.id, 'cus_unknown', 'toggle', { now: NOW })
      assert.deepEqual(missing, { kind: 'gone' })
    },

    'changes nothing when the new email is taken, and frees the old one when it is not': async ({ storage }) => {
      const [ada, bob] = [newCustomer('ada'), newCustomer('bob')]
      for (const customer of [ada, bob]) await storage.insertCustomer(ACCOUNT.id, customer, { now: NOW })
      const changes = { name: 'Ada L.', email: 'BOB@example.com' }
      const taken = await storage.updateCustomer(ACCOUNT.id, ada.id, changes, { now: after(1) })
      assert.deepEqual(taken, { kind: 'email-taken' })
      assert.deepEqual(await storage.findCustomer(ACCOUNT.id, ada.id), ada)

      await storage.updateCustomer(ACCOUNT.id, bob.id, { email: 'robert@example.com' }, { now: after(2) })
      assert.equal(await storage.findCustomerByEmail(ACCOUNT.id, 'bob@example.com'), null)
      const moved = await storage.updateCustomer(ACCOUNT.id, ada.id, changes, { now: after(3) })
      assert.equal(outcomeOf(moved, 'updated').customer.email, 'BOB@example.com')
    },

    'toggles on the stored row, however many do so at once': async ({ storage }) => {
      await storage.insertCustomer(ACCOUNT.id, newCustomer('ada'), { now: NOW })
      const toggle = () => storage.updateCustomer(ACCOUNT.id, 'cus_ada', 'toggle', { now: after(1) })
      await Promise.all(Array.from({ length: 21 }, toggle))
      assert.equal((await storedCustomer(storage, 'cus_ada')).active, false)
      await Promise.all(Array.from({ length: 20 }, toggle))
      assert.deepEqual(
        await storedCustomer(storage, 'cus_ada'),
        newCustomer('ada', { active: false, updatedAt: after(1) }),
      )
    },

    'deletes a customer with all licenses and activations, and nothing else': async ({ storage }) => {
      await storage.insertCustomer(ACCOUNT.id, newCustomer('ada'), { now: NOW })
      await storage.insertCustomer(ACCOUNT.id, newCustomer('bob'), { now: NOW })
      const first = await sell(storage, { customerId: 'cus_ada' })
      const second = await sellMore(storage, first.product, 'two', { customerId: 'cus_ada' })
      const bobs = await sellMore(storage, first.product, 'three', { customerId: 'cus_bob' })
      for (const sale of [first, second, bobs])
        outcomeOf(await claim(storage, sale, `host-${sale.license.id}`), 'created')

      const deleted = await storage.deleteCustomer(ACCOUNT.id, 'cus_ada', { now: NOW })
      assert.deepEqual(deleted, { kind: 'deleted', licenses: 2 })
      assert.equal(await storage.findCustomer(ACCOUNT.id, 'cus_ada'), null)
      for (const { license } of [first, second]) {
        assert.deepEqual(await storage.findLicense(ACCOUNT.id, license.canonicalKey), { kind: 'gone' })
        assert.equal((await storage.listActivations(ACCOUNT.id, license.id, ALL)).total, 0)
      }
      assert.equal((await storage.listActivations(ACCOUNT.id, bobs.license.id, ALL)).total, 1)
      assert.deepEqual(await storage.deleteCustomer(ACCOUNT.id, 'cus_ada', { now: NOW }), { kind: 'gone' })

      const again = newCustomer('ada', { id: 'cus_ada_again' })
      outcomeOf(await storage.insertCustomer(ACCOUNT.id, again, { now: NOW }), 'created')
    },

    'lists oldest first': async ({ storage }) => {
      for (const [name, age] of Object.entries({ middle: 2, oldest: 3, newest: 1 })) {
        await storage.insertCustomer(ACCOUNT.id, newCustomer(name, { createdAt: after(-age) }), { now: NOW })
      }
      const { items } = await storage.listCustomers(ACCOUNT.id, {}, ALL)
      assert.deepEqual(
        items.map(({ name }) => name),
        ['oldest', 'middle', 'newest'],
      )
    },
  },
}
