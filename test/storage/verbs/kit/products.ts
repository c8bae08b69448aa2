import assert from 'node:assert/strict'
import { ACCOUNT, ALL, after, NOW, newAuthtoolClient, newProduct, OTHER_ACCOUNT } from './entities'
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

    'finds a product by the hash of its package token, which no other may have': async ({ storage }) => {
      const [client, other] = [newAuthtoolClient('one'), newAuthtoolClient('other')]
      for (const [name, { id }] of Object.entries({ a: ACCOUNT, b: OTHER_ACCOUNT })) {
        outcomeOf(await storage.insertProduct(id, newProduct(name), { now: NOW }), 'created')
      }
      const update = (accountId: string, name: string, authtoolClient: Partial<typeof client> | null) =>
        storage.updateProduct(accountId, `prod_${name}`, { authtoolClient }, { now: NOW })
      const found = async ({ tokenHash }: typeof client) => (await storage.findProductByAuthtoolToken(tokenHash))?.id

      outcomeOf(await update(ACCOUNT.id, 'a', { tokenHash: client.tokenHash }), 'incomplete')
      const { product } = outcomeOf(await update(ACCOUNT.id, 'a', client), 'updated')
      assert.deepEqual(product.authtoolClient, client)
      assert.deepEqual(await storage.findProductByAuthtoolToken(client.tokenHash), product)
      const changed = outcomeOf(await update(ACCOUNT.id, 'a', { version: '3.0' }), 'updated').product
      assert.deepEqual(changed.authtoolClient, { ...client, version: '3.0' })

      outcomeOf(await update(OTHER_ACCOUNT.id, 'b', client), 'token-taken')
      outcomeOf(await update(OTHER_ACCOUNT.id, 'b', other), 'updated')
      assert.deepEqual([await found(client), await found(other)], ['prod_a', 'prod_b'])
      outcomeOf(await update(ACCOUNT.id, 'a', null), 'updated')
      assert.equal(await found(client), undefined)
      outcomeOf(await update(OTHER_ACCOUNT.id, 'b', { tokenHash: client.tokenHash }), 'updated')
      assert.deepEqual([await found(client), await found(other)], ['prod_b', undefined])
    },

    'gives a package token to one of many products that are to have it at once': async ({ storage }) => {
      const names = Array.from({ length: 8 }, (_, index) => `p${index}`)
      for (const name of names) await storage.insertProduct(ACCOUNT.id, newProduct(name), { now: NOW })
      const authtoolClient = newAuthtoolClient('one')
      const outcomes = await Promise.all(
        names.map((name) => storage.updateProduct(ACCOUNT.id, `prod_${name}`, { authtoolClient }, { now: NOW })),
      )
      const kinds = outcomes.map(({ kind }) => kind).sort()
      assert.deepEqual(kinds, [...Array.from({ length: 7 }, () => 'token-taken'), 'updated'])
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
