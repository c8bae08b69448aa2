import assert from 'node:assert/strict'
import { ACCOUNT, ALL, after, NOW, newProduct, OTHER_ACCOUNT } from './entities'
import { outcomeOf } from './outcomes'
import type { ConformanceGroup } from './stage'

export const products: ConformanceGroup = {
  name: 'products',
  tests: {
    'stores a product under its account and a package id': async ({ storage }) => {
      const { product } = outcomeOf(
        await storage.insertProduct(ACCOUNT.id, newProduct('editor'), { now: NOW }),
        'created',
      )
      assert.deepEqual(product, { ...newProduct('editor'), accountId: ACCOUNT.id, packageId: product.packageId })
      assert.deepEqual(await storage.findProduct(ACCOUNT.id, product.id), product)
      assert.equal(await storage.findProduct(ACCOUNT.id, 'prod_unknown'), null)
    },

    'stores what a product asks of apps and allows them': async ({ storage }) => {
      const strict = newProduct('strict', { requireProof: true, selfService: false, trialSeconds: null })
      for (const asked of [strict, newProduct('lenient', { trialSeconds: 315_360_000 })]) {
        const { product } = outcomeOf(await storage.insertProduct(ACCOUNT.id, asked, { now: NOW }), 'created')
        const found = await storage.findProduct(ACCOUNT.id, asked.id)
        assert.deepEqual(found, { ...asked, accountId: ACCOUNT.id, packageId: product.packageId })
      }
    },

    'counts package ids up over all accounts': async ({ storage }) => {
      const given: number[] = []
      for (const [name, { id }] of Object.entries({ a: ACCOUNT, b: OTHER_ACCOUNT, c: ACCOUNT })) {
        const inserted = await storage.insertProduct(id, newProduct(name), { now: NOW })
        given.push(outcomeOf(inserted, 'created').product.packageId)
      }
      const first = given[0] ?? Number.NaN
      assert.deepEqual(given, [first, first + 1, first + 2])
    },

    'gives each of many products inserted at once a package id of its own': async ({ storage }) => {
      const outcomes = await Promise.all(
        Array.from({ length: 20 }, (_, index) =>
          storage.insertProduct(index % 2 === 0 ? ACCOUNT.id : OTHER_ACCOUNT.id, newProduct(`p${index}`), { now: NOW }),
        ),
      )
      const given = outcomes.map((outcome) => outcomeOf(outcome, 'created').product.packageId).sort((a, b) => a - b)
      assert.deepEqual(
        given,
        given.map((_, index) => (given[0] ?? Number.NaN) + index),
      )
    },

    'finds the products with some package ids': async ({ storage }) => {
      const ids: number[] = []
      for (const name of ['a', 'b', 'c']) {
        const inserted = await storage.insertProduct(ACCOUNT.id, newProduct(name), { now: NOW })
        ids.push(outcomeOf(inserted, 'created').product.packageId)
      }
      const found = await storage.findProductsByPackageIds(ACCOUNT.id, [ids[2] ?? 0, 987_654_321, ids[0] ?? 0])
      assert.deepEqual(found.map(({ name }) => name).sort(), ['a', 'c'])
      assert.deepEqual(await storage.findProductsByPackageIds(ACCOUNT.id, []), [])
    },

    'changes what is given and keeps the rest': async ({ storage }) => {
      const inserted = await storage.insertProduct(ACCOUNT.id, newProduct('editor'), { now: NOW })
      let expected = outcomeOf(inserted, 'created').product
      for (const changes of [
        { name: 'Editor 2' },
        { active: false },
        { offlineLifetimeSeconds: 60 },
        { graceSeconds: 0 },
        { entitlements: [] },
        { requireProof: true },
        { selfService: false },
        { trialSeconds: 1 },
        { trialSeconds: null },
        {},
      ]) {
        expected = { ...expected, ...changes }
        const updated = await storage.updateProduct(ACCOUNT.id, expected.id, changes, { now: after(1) })
        assert.deepEqual(updated, { kind: 'updated', product: expected })
        assert.deepEqual(await storage.findProduct(ACCOUNT.id, expected.id), expected)
      }
      assert.deepEqual(await storage.updateProduct(ACCOUNT.id, 'prod_unknown', {}, { now: NOW }), { kind: 'gone' })
    },

    'lists by package id': async ({ storage }) => {
      for (const [index, name] of ['c', 'a', 'b'].entries()) {
        // Created at falling times: the order is that of the package ids all the same.
        const product = newProduct(name, { createdAt: after(-index) })
        outcomeOf(await storage.insertProduct(ACCOUNT.id, product, { now: NOW }), 'created')
      }
      const { items, total } = await storage.listProducts(ACCOUNT.id, ALL)
      assert.deepEqual(
        items.map(({ name }) => name),
        ['c', 'a', 'b'],
      )
      assert.equal(total, 3)
    },
  },
}
