import assert from 'node:assert/strict'
import { LAST_SEEN_INTERVAL_MS } from '../../../../src/domain/activation'
import { ACCOUNT, ALL, after, claim, HOUR_MS, NOW, newActivation, newCustomer, sell, sellMore } from './entities'
import { storedLicense, takenSlots } from './observations'
import { outcomeOf } from './outcomes'
import type { ConformanceGroup } from './stage'

export const activations: ConformanceGroup = {
  name: 'activations',
  tests: {
    'a release frees the slot once, whoever is disabled': async ({ storage }) => {
      await storage.insertCustomer(ACCOUNT.id, newCustomer('ada'), { now: NOW })
      const sale = await sell(storage, { customerId: 'cus_ada', maxActivations: 1 })
      const release = () =>
        storage.releaseActivation(ACCOUNT.id, { ...sale.target, hostId: 'host-1' }, { now: after(1) })
      assert.deepEqual(await release(), { kind: 'not-active' })
      const { activation } = outcomeOf(await claim(storage, sale, 'host-1'), 'created')
      await storage.updateCustomer(ACCOUNT.id, 'cus_ada', { active: false }, { now: NOW })
      await storage.updateLicense(ACCOUNT.id, sale.target, { blocked: true }, { now: NOW })
      assert.deepEqual(await release(), { kind: 'blocked' })
      assert.equal(await takenSlots(storage, sale), 1)
      await storage.updateLicense(ACCOUNT.id, sale.target, { blocked: false }, { now: NOW })

      const released = outcomeOf(await release(), 'released')
      assert.deepEqual(released.activation, activation)
      assert.equal(released.license.activationCount, 0)
      assert.deepEqual(await release(), { kind: 'not-active' })
      assert.equal(await takenSlots(storage, sale), 0)
      await storage.updateCustomer(ACCOUNT.id, 'cus_ada', { active: true }, { now: NOW })
      outcomeOf(await claim(storage, sale, 'host-2'), 'created')
    },

    'releasing all tells how many there were, none included': async ({ storage }) => {
      const sale = await sell(storage, { expiresAt: after(1) })
      for (const host of ['host-1', 'host-2', 'host-3']) outcomeOf(await claim(storage, sale, host), 'created')
      const releaseAll = () => storage.releaseAllActivations(ACCOUNT.id, sale.target, { now: after(2) })
      await storage.updateLicense(ACCOUNT.id, sale.target, { blocked: true }, { now: NOW })
      assert.deepEqual(await releaseAll(), { kind: 'blocked' })
      await storage.updateLicense(ACCOUNT.id, sale.target, { blocked: false }, { now: NOW })
      for (const count of [3, 0]) {
        const released = outcomeOf(await releaseAll(), 'released')
        assert.equal(released.count, count)
        assert.equal(released.license.activationCount, 0)
        assert.equal(await takenSlots(storage, sale), 0)
      }
    },

    "finds who has logged in on a host through AuthTool's client API, by product": async ({ storage }) => {
      await storage.insertCustomer(ACCOUNT.id, newCustomer('ada'), { now: NOW })
      const first = await sell(storage, { customerId: 'cus_ada' })
      const second = await sellMore(storage, first.product, 'second')
      const { productId: authtoolProductId } = first.target
      const login = (sale: typeof first, id: string, at = NOW) =>
        claim(storage, sale, newActivation('host-1', { id, authtoolProductId }), at)
      const found = async (productId = authtoolProductId, hostId = 'host-1') =>
        (await storage.findAuthtoolLogins(productId, hostId)).map(({ license }) => license.id)

      outcomeOf(await claim(storage, first, 'host-1'), 'created')
      assert.deepEqual(await found(), [])
      const { activation, license } = outcomeOf(await login(first, 'act_first'), 'existing')
      assert.equal(activation.authtoolProductId, authtoolProductId)
      const [held] = await storage.findAuthtoolLogins(authtoolProductId, 'host-1')
      assert.deepEqual(held, { license, customer: newCustomer('ada'), activation })
      outcomeOf(await claim(storage, first, 'host-1'), 'existing')
      outcomeOf(await login(second, 'act_second', after(1)), 'created')
      assert.deepEqual(await found(), [second.license.id, first.license.id])
      assert.deepEqual([await found('prod_other'), await found(authtoolProductId, 'host-2')], [[], []])

      // What a license has lost at once is nobody's, before its rows are cleared away.
      outcomeOf(await storage.resetLicense(ACCOUNT.id, second.target, { now: after(2) }), 'reset')
      assert.deepEqual(await found(), [first.license.id])
    },

    'a reset removes every activation in whatever state, and is counted': async ({ storage }) => {
      const sale = await sell(storage, { expiresAt: after(1), maxActivations: 2 })
      for (const host of ['host-1', 'host-2']) outcomeOf(await claim(storage, sale, host), 'created')
      await storage.updateLicense(ACCOUNT.id, sale.target, { blocked: true }, { now: NOW })
      for (const resetCount of [1, 2]) {
        const outcome = await storage.resetLicense(ACCOUNT.id, sale.target, { now: after(2) })
        const { license } = outcomeOf(outcome, 'reset')
        assert.deepEqual([license.activationCount, license.resetCount], [0, resetCount])
        assert.deepEqual(await storedLicense(storage, sale), license)
        assert.equal(await takenSlots(storage, sale), 0)
      }
    },

    'seeing a host again moves instants forward only, each on its own': async ({ storage }) => {
      const sale = await sell(storage)
      const { activation } = outcomeOf(await claim(storage, sale, 'host-1', after(HOUR_MS)), 'created')
      const lasting = { offlineLifetimeSeconds: sale.product.offlineLifetimeSeconds - 3_600 }
      await storage.updateProduct(ACCOUNT.id, sale.product.id, lasting, { now: NOW })
      const seenAt = async (now: Date) => {
        outcomeOf(await claim(storage, sale, 'host-1', now), 'existing')
        return (await storage.listActivations(ACCOUNT.id, sale.license.id, ALL)).items
      }
      assert.deepEqual(await seenAt(NOW), [activation])
      const due = after(HOUR_MS + LAST_SEEN_INTERVAL_MS)
      assert.deepEqual(await seenAt(due), [{ ...activation, lastSeenAt: due }])
      const tokensEndAt = new Date(activation.tokensEndAt.getTime() + HOUR_MS)
      assert.deepEqual(await seenAt(after(3 * HOUR_MS)), [
        { ...activation, lastSeenAt: after(3 * HOUR_MS), tokensEndAt, keylessEndAt: tokensEndAt },
      ])
    },

    'finding a host without a slot still finds the license': async ({ storage }) => {
      const { license, product, target } = await sell(storage)
      const found = await storage.findActivation(ACCOUNT.id, { ...target, hostId: 'host-1' })
      assert.deepEqual(found, { kind: 'found', license, product, customer: null, activation: null })
    },

    'lists newest first, hosts of one instant by their id': async ({ storage }) => {
      const sale = await sell(storage, { maxActivations: null })
      for (const [hostId, seconds] of Object.entries({ b: 0, c: 1, a: 0, d: 1 })) {
        outcomeOf(await claim(storage, sale, hostId, after(seconds * 1_000)), 'created')
      }
      const { items } = await storage.listActivations(ACCOUNT.id, sale.license.id, ALL)
      assert.deepEqual(
        items.map(({ hostId }) => hostId),
        ['c', 'd', 'a', 'b'],
      )
    },
  },
}
