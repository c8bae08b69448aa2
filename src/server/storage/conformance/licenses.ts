import assert from 'node:assert/strict'
import type { License } from '../../domain/license'
import type { LicenseChanges } from '../contract'
import {
  ACCOUNT,
  ALL,
  after,
  claim,
  NOW,
  newCustomer,
  newLicense,
  newProduct,
  OTHER_ACCOUNT,
  sell,
  sellMore,
} from './entities'
import type { ConformanceGroup } from './kit'
import { everythingIn, storedLicense, takenSlots } from './observations'
import { outcomeOf, tally } from './outcomes'

export const licenses: ConformanceGroup = {
  name: 'licenses',
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

    'changes what is given, clears with null, keeps the rest, and notes when': async ({ storage }) => {
      const sale = await sell(storage)
      await storage.insertCustomer(ACCOUNT.id, newCustomer('ada'), { now: NOW })
      const changes: LicenseChanges[] = [
        { customerId: 'cus_ada', maxActivations: 9, expiresAt: after(7), blocked: true },
        { metadata: { seats: [1, 2] }, allowedHosts: ['host-1'], type: 'floating' },
        { maxConcurrentSessions: 4, heartbeatIntervalSeconds: 60, sessionLeaseSeconds: 180 },
        {},
        { customerId: null, maxActivations: null, expiresAt: null, blocked: false },
        { metadata: null, allowedHosts: [], type: 'node-locked' },
        { maxConcurrentSessions: null, heartbeatIntervalSeconds: null, sessionLeaseSeconds: null, allowedHosts: null },
      ]
      let expected: License = sale.license
      for (const [index, change] of changes.entries()) {
        const now = after(index + 1)
        expected = { ...expected, ...change, updatedAt: now }
        const updated = await storage.updateLicense(ACCOUNT.id, sale.target, change, { now })
        assert.deepEqual(updated, { kind: 'updated', license: expected })
        assert.deepEqual(await storedLicense(storage, sale), expected)
      }
    },

    'keeps the counter through a change that races claims': async ({ storage }) => {
      const sale = await sell(storage, { maxActivations: null })
      await Promise.all(
        Array.from({ length: 30 }, (_, index) =>
          index % 2 === 0
            ? claim(storage, sale, `host-${index}`)
            : storage.updateLicense(ACCOUNT.id, sale.target, { metadata: { index } }, { now: after(index) }),
        ),
      )
      assert.equal(await takenSlots(storage, sale), 15)
    },

    'says customer-not-found for a new customer the account has not, and changes nothing': async ({ storage }) => {
      const sale = await sell(storage)
      const theirs = newCustomer('theirs', { accountId: OTHER_ACCOUNT.id })
      await storage.insertCustomer(OTHER_ACCOUNT.id, theirs, { now: NOW })
      for (const customerId of ['cus_unknown', theirs.id]) {
        const updated = await storage.updateLicense(
          ACCOUNT.id,
          sale.target,
          { customerId, blocked: true },
          { now: after(1) },
        )
        assert.deepEqual(updated, { kind: 'customer-not-found' })
        assert.deepEqual(await storedLicense(storage, sale), sale.license)
      }
    },

    'deletes a license with its activations; its key starts over': async ({ storage }) => {
      const sale = await sell(storage)
      outcomeOf(await claim(storage, sale, 'host-1'), 'created')
      const deleted = await storage.deleteLicense(ACCOUNT.id, sale.target, { now: NOW })
      assert.deepEqual(deleted, { kind: 'deleted', license: { ...sale.license, activationCount: 1 } })
      assert.deepEqual(await storage.findLicense(ACCOUNT.id, sale.target.canonicalKey), { kind: 'gone' })
      assert.equal((await storage.listActivations(ACCOUNT.id, sale.license.id, ALL)).total, 0)
      assert.deepEqual(await storage.deleteLicense(ACCOUNT.id, sale.target, { now: NOW }), { kind: 'gone' })

      const again = await sellMore(storage, sale.product, 'one')
      assert.equal(await takenSlots(storage, again), 0)
      outcomeOf(await claim(storage, again, 'host-1'), 'created')
    },

    'with a product, finds only what is sold for it': async ({ storage }) => {
      const { product, license } = await sell(storage)
      await storage.insertProduct(ACCOUNT.id, newProduct('viewer'), { now: NOW })
      const tryAll = async (productId: string) => {
        const target = { canonicalKey: license.canonicalKey, productId }
        return tally([
          await storage.updateLicense(ACCOUNT.id, target, { blocked: false }, { now: NOW }),
          await storage.resetLicense(ACCOUNT.id, target, { now: NOW }),
          await storage.deleteLicense(ACCOUNT.id, target, { now: NOW }),
        ])
      }
      assert.deepEqual(await tryAll('prod_viewer'), { gone: 3 })
      assert.deepEqual(await tryAll('prod_unknown'), { gone: 3 })
      await storage.updateProduct(ACCOUNT.id, product.id, { active: false }, { now: NOW })
      assert.deepEqual(await tryAll(product.id), { gone: 3 })
      await storage.updateProduct(ACCOUNT.id, product.id, { active: true }, { now: NOW })
      assert.deepEqual(await tryAll(product.id), { updated: 1, reset: 1, deleted: 1 })
    },

    'lists oldest first, by product and by customer': async ({ storage }) => {
      const { product } = await sell(storage)
      await storage.insertProduct(ACCOUNT.id, newProduct('viewer'), { now: NOW })
      await storage.insertCustomer(ACCOUNT.id, newCustomer('ada'), { now: NOW })
      await sellMore(storage, product, 'older', { createdAt: after(-1), productIds: ['prod_viewer', 'prod_editor'] })
      await sellMore(storage, product, 'oldest', { createdAt: after(-2), productIds: ['prod_viewer'] })
      await sellMore(storage, product, 'adas', { createdAt: after(1), customerId: 'cus_ada' })
      const listed = async (filter: { productId?: string; customerId?: string }) => {
        const { items, total } = await storage.listLicenses(ACCOUNT.id, filter, ALL)
        assert.equal(total, items.length)
        return items.map(({ id }) => id.replace('lic_', ''))
      }
      assert.deepEqual(await listed({}), ['oldest', 'older', 'one', 'adas'])
      assert.deepEqual(await listed({ productId: 'prod_viewer' }), ['oldest', 'older'])
      assert.deepEqual(await listed({ productId: 'prod_editor' }), ['older', 'one', 'adas'])
      assert.deepEqual(await listed({ customerId: 'cus_ada' }), ['adas'])
      assert.deepEqual(await listed({ customerId: 'cus_ada', productId: 'prod_viewer' }), [])
    },
  },
}
