import assert from 'node:assert/strict'
import type { License } from '../../../../src/domain/license'
import type { LicenseFilter } from '../../../../src/domain/license-filter'
import type { LicenseChanges } from '../../../../src/storage/verbs/store'
import {
  ACCOUNT,
  ALL,
  after,
  CEILING,
  claim,
  NOW,
  newCustomer,
  newLicense,
  newProduct,
  newVersion,
  OTHER_ACCOUNT,
  sell,
  sellMore,
} from './entities'
import { storedLicense, takenSlots } from './observations'
import { outcomeOf, tally } from './outcomes'
import type { ConformanceGroup } from './stage'

export const licenses: ConformanceGroup = {
  name: 'licenses',
  tests: {
    'changes what is given, clears with null, keeps the rest, and notes when': async ({ storage }) => {
      const sale = await sell(storage)
      await storage.insertCustomer(ACCOUNT.id, newCustomer('ada'), { now: NOW })
      await storage.insertProductVersion(ACCOUNT.id, newVersion('1'), { now: NOW })
      const changes: LicenseChanges[] = [
        { customerId: 'cus_ada', maxActivations: 9, expiresAt: after(7), blocked: true },
        { metadata: { seats: [1, 2] }, allowedHosts: ['host-1'], versionId: 'ver_1', type: 'floating' },
        { maxConcurrentSessions: 4, heartbeatIntervalSeconds: 60, sessionLeaseSeconds: 180, externalId: 'order-1' },
        {},
        { customerId: null, maxActivations: null, expiresAt: null, blocked: false },
        { metadata: null, allowedHosts: [], versionId: null, type: 'node-locked' },
        { maxConcurrentSessions: null, heartbeatIntervalSeconds: null, sessionLeaseSeconds: null, allowedHosts: null },
        { externalId: null },
      ]
      let expected: License = sale.license
      for (const [index, change] of changes.entries()) {
        const now = after(index + 1)
        // No token was given out: the floor is where stamps begin.
        expected = { ...expected, ...change, updatedAt: now }
        const updated = await storage.updateLicense(ACCOUNT.id, sale.target, change, { now })
        assert.deepEqual(updated, { kind: 'updated', license: expected })
        assert.deepEqual(await storedLicense(storage, sale), expected)
      }
    },

    'are tied to active versions of their products only': async ({ storage }) => {
      const sale = await sell(storage)
      const other = newProduct('other')
      await storage.insertProduct(ACCOUNT.id, other, { now: NOW })
      const versions = [newVersion('old', { active: false }), newVersion('elsewhere', { productId: other.id })]
      for (const version of versions) await storage.insertProductVersion(ACCOUNT.id, version, { now: NOW })
      const refused = { kind: 'version-not-found' }
      const { canonicalKey } = sale.target
      for (const versionId of ['ver_old', 'ver_elsewhere', 'ver_unknown']) {
        const license = newLicense('tied', { versionId })
        assert.deepEqual(await storage.insertLicenses(ACCOUNT.id, { licenses: [license] }, { now: NOW }), refused)
        for (const target of [sale.target, { canonicalKey }]) {
          assert.deepEqual(await storage.updateLicense(ACCOUNT.id, target, { versionId }, { now: NOW }), refused)
        }
      }
      assert.deepEqual(await storedLicense(storage, sale), sale.license)
      await storage.updateProductVersion(ACCOUNT.id, 'prod_editor', 'ver_old', { active: true }, { now: NOW })
      const tied = await storage.updateLicense(ACCOUNT.id, sale.target, { versionId: 'ver_old' }, { now: NOW })
      assert.equal(outcomeOf(tied, 'updated').license.versionId, 'ver_old')
    },

    'raises the floor of stamps with each block of a license that was not blocked': async ({ storage }) => {
      const sale = await sell(storage)
      outcomeOf(await claim(storage, sale, 'host-1'), 'created')
      const floors: number[] = []
      for (const blocked of [false, true, true, false, false, true]) {
        const updated = await storage.updateLicense(ACCOUNT.id, sale.target, { blocked }, { now: NOW })
        const { license } = outcomeOf(updated, 'updated')
        assert.deepEqual(await storedLicense(storage, sale), license)
        floors.push(license.stampFloor)
        // A token above the floor, so that the next block takes another stamp.
        if (!license.blocked) outcomeOf(await claim(storage, sale, 'host-1'), 'existing')
      }
      assert.deepEqual(floors, [0, CEILING, CEILING, CEILING, CEILING, CEILING + 1])
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

    'lists oldest first, by product, by customer and by external id': async ({ storage }) => {
      const { product } = await sell(storage)
      await storage.insertProduct(ACCOUNT.id, newProduct('viewer'), { now: NOW })
      await storage.insertCustomer(ACCOUNT.id, newCustomer('ada'), { now: NOW })
      const externalId = 'order-1'
      await sellMore(storage, product, 'older', {
        createdAt: after(-1),
        productIds: ['prod_viewer', 'prod_editor'],
        externalId,
      })
      await sellMore(storage, product, 'oldest', { createdAt: after(-2), productIds: ['prod_viewer'] })
      await sellMore(storage, product, 'adas', { createdAt: after(1), customerId: 'cus_ada', externalId })
      await sellMore(storage, product, 'others', { createdAt: after(2), externalId: 'order-1 ' })
      const listed = async (filter: LicenseFilter) => {
        const { items, total } = await storage.listLicenses(ACCOUNT.id, filter, ALL)
        assert.equal(total, items.length)
        return items.map(({ id }) => id.replace('lic_', ''))
      }
      assert.deepEqual(await listed({}), ['oldest', 'older', 'one', 'adas', 'others'])
      assert.deepEqual(await listed({ productId: 'prod_viewer' }), ['oldest', 'older'])
      assert.deepEqual(await listed({ productId: 'prod_editor' }), ['older', 'one', 'adas', 'others'])
      assert.deepEqual(await listed({ customerId: 'cus_ada' }), ['adas'])
      assert.deepEqual(await listed({ customerId: 'cus_ada', productId: 'prod_viewer' }), [])
      assert.deepEqual(await listed({ externalId }), ['older', 'adas'])
      assert.deepEqual(await listed({ externalId: 'ORDER-1' }), [])
      assert.deepEqual(await listed({ externalId, customerId: 'cus_ada' }), ['adas'])
      assert.deepEqual(await listed({ externalId, productId: 'prod_viewer' }), ['older'])
      assert.deepEqual(await listed({ externalId, customerId: 'cus_ada', productId: 'prod_viewer' }), [])
    },
  },
}
