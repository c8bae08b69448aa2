import assert from 'node:assert/strict'
import { ACCOUNT, ALL, after, NOW, newProduct, newVersion, OTHER_ACCOUNT } from './entities'
import { outcomeOf } from './outcomes'
import type { ConformanceGroup } from './stage'

export const productVersions: ConformanceGroup = {
  name: 'product versions',
  tests: {
    'stores a version of a product, an inactive one too': async ({ storage }) => {
      await storage.insertProduct(ACCOUNT.id, newProduct('editor', { active: false }), { now: NOW })
      const versions = [newVersion('1.0'), newVersion('2.0', { description: 'Ünicode ✓', active: false })]
      for (const version of versions) {
        const inserted = await storage.insertProductVersion(ACCOUNT.id, version, { now: NOW })
        assert.deepEqual(inserted, { kind: 'created', version })
        assert.deepEqual(await storage.findProductVersion(ACCOUNT.id, 'prod_editor', version.id), version)
      }
      assert.equal(await storage.findProductVersion(ACCOUNT.id, 'prod_editor', 'ver_unknown'), null)
    },

    'stores none of a product the account has not': async ({ storage }) => {
      await storage.insertProduct(OTHER_ACCOUNT.id, newProduct('theirs'), { now: NOW })
      for (const productId of ['prod_unknown', 'prod_theirs']) {
        const inserted = await storage.insertProductVersion(ACCOUNT.id, newVersion('1.0', { productId }), { now: NOW })
        assert.deepEqual(inserted, { kind: 'gone' })
      }
      assert.equal(await storage.findProductVersion(OTHER_ACCOUNT.id, 'prod_theirs', 'ver_1.0'), null)
    },

    'changes what is given, clears with null and keeps the rest': async ({ storage }) => {
      await storage.insertProduct(ACCOUNT.id, newProduct('editor'), { now: NOW })
      let expected = newVersion('1.0')
      outcomeOf(await storage.insertProductVersion(ACCOUNT.id, expected, { now: NOW }), 'created')
      for (const changes of [
        { version: '1.0.1' },
        { description: 'Fixes' },
        { active: false },
        {},
        { description: null, active: true },
      ]) {
        expected = { ...expected, ...changes }
        const step = { now: after(1) }
        const updated = await storage.updateProductVersion(ACCOUNT.id, 'prod_editor', expected.id, changes, step)
        assert.deepEqual(updated, { kind: 'updated', version: expected })
        assert.deepEqual(await storage.findProductVersion(ACCOUNT.id, 'prod_editor', expected.id), expected)
      }
    },

    'keeps the versions of two products apart': async ({ storage }) => {
      for (const name of ['editor', 'viewer']) await storage.insertProduct(ACCOUNT.id, newProduct(name), { now: NOW })
      const version = newVersion('1.0')
      await storage.insertProductVersion(ACCOUNT.id, version, { now: NOW })
      for (const productId of ['prod_viewer', 'prod_unknown']) {
        assert.equal(await storage.findProductVersion(ACCOUNT.id, productId, version.id), null)
        const updated = await storage.updateProductVersion(ACCOUNT.id, productId, version.id, {}, { now: NOW })
        assert.deepEqual(updated, { kind: 'gone' })
        assert.deepEqual(await storage.listProductVersions(ACCOUNT.id, productId, ALL), { items: [], total: 0 })
      }
    },

    'lists oldest first': async ({ storage }) => {
      await storage.insertProduct(ACCOUNT.id, newProduct('editor'), { now: NOW })
      for (const [name, age] of Object.entries({ middle: 2, oldest: 3, newest: 1 })) {
        const version = newVersion(name, { createdAt: after(-age) })
        outcomeOf(await storage.insertProductVersion(ACCOUNT.id, version, { now: NOW }), 'created')
      }
      const { items, total } = await storage.listProductVersions(ACCOUNT.id, 'prod_editor', ALL)
      assert.deepEqual(
        items.map(({ version }) => version),
        ['oldest', 'middle', 'newest'],
      )
      assert.equal(total, 3)
    },
  },
}
