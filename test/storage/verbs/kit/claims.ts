import assert from 'node:assert/strict'
import { LAST_SEEN_INTERVAL_MS, seeActivation, startActivation } from '../../../../src/domain/activation'
import type { LicenseChanges } from '../../../../src/storage/verbs/store'
import { ACCOUNT, ALL, after, claim, HOUR_MS, NOW, newActivation, newCustomer, newProduct, sell } from './entities'
import { takenSlots } from './observations'
import { outcomeOf } from './outcomes'
import type { ConformanceGroup } from './stage'

export const claims: ConformanceGroup = {
  name: 'claims',
  tests: {
    'a claim takes a slot and answers with the rows as they are after it': async ({ storage }) => {
      await storage.insertCustomer(ACCOUNT.id, newCustomer('ada'), { now: NOW })
      const { license, product, target } = await sell(storage, { customerId: 'cus_ada' })
      const asked = newActivation('host-1', {
        deviceTag: 'Ada’s Mac',
        address: '2001:db8::1',
        appVersion: '1.2.3',
        licensee: { name: 'Ada', email: null },
      })
      const created = await storage.claimActivation(ACCOUNT.id, target, asked, { now: NOW })
      const expected = {
        license: { ...license, activationCount: 1 },
        product,
        customer: newCustomer('ada'),
        activation: startActivation(license, product, asked, 0, NOW),
      }
      assert.deepEqual(created, { kind: 'created', ...expected, stamp: NOW.getTime() })
      const found = await storage.findActivation(ACCOUNT.id, { ...target, hostId: 'host-1' })
      assert.deepEqual(found, { kind: 'found', ...expected })
      const { items } = await storage.listActivations(ACCOUNT.id, license.id, ALL)
      assert.deepEqual(items, [expected.activation])
    },

    'a host that holds a slot gets it again, at the limit and above it': async ({ storage }) => {
      const sale = await sell(storage, { maxActivations: 2 })
      outcomeOf(await claim(storage, sale, 'host-1'), 'created')
      outcomeOf(await claim(storage, sale, 'host-2'), 'created')
      outcomeOf(await claim(storage, sale, 'host-3'), 'limit-reached')
      await storage.updateLicense(ACCOUNT.id, sale.target, { maxActivations: 1 }, { now: NOW })
      const again = { ...newActivation('host-2'), id: 'act_new', jti: 'jti_new', deviceTag: 'new' }
      const existing = outcomeOf(
        await storage.claimActivation(ACCOUNT.id, sale.target, again, { now: after(1) }),
        'existing',
      )
      const { license, product } = sale
      assert.deepEqual(existing.activation, startActivation(license, product, newActivation('host-2'), 0, NOW))
      assert.equal(await takenSlots(storage, sale), 2)
    },

    'lowering the limit evicts nobody; claims wait until the count is below it': async ({ storage }) => {
      const sale = await sell(storage, { maxActivations: 3 })
      for (const host of ['host-1', 'host-2', 'host-3']) outcomeOf(await claim(storage, sale, host), 'created')
      await storage.updateLicense(ACCOUNT.id, sale.target, { maxActivations: 2 }, { now: NOW })
      assert.equal(await takenSlots(storage, sale), 3)
      for (const host of ['host-1', 'host-2']) {
        outcomeOf(await claim(storage, sale, 'host-4'), 'limit-reached')
        await storage.releaseActivation(ACCOUNT.id, { ...sale.target, hostId: host }, { now: NOW })
      }
      outcomeOf(await claim(storage, sale, 'host-4'), 'created')
      outcomeOf(await claim(storage, sale, 'host-5'), 'limit-reached')
      await storage.updateLicense(ACCOUNT.id, sale.target, { maxActivations: null }, { now: NOW })
      outcomeOf(await claim(storage, sale, 'host-5'), 'created')
      assert.equal(await takenSlots(storage, sale), 3)
    },

    'writes when an existing claim was seen, and how long its tokens last, only once that is stale': async ({
      storage,
    }) => {
      const sale = await sell(storage)
      const { activation } = outcomeOf(await claim(storage, sale, 'host-1'), 'created')
      const seenAt = async (now: Date) => outcomeOf(await claim(storage, sale, 'host-1', now), 'existing').activation
      assert.deepEqual(await seenAt(after(LAST_SEEN_INTERVAL_MS - 1)), activation)
      const seen = seeActivation(activation, sale.product, {}, after(LAST_SEEN_INTERVAL_MS))
      assert.deepEqual(await seenAt(after(LAST_SEEN_INTERVAL_MS)), seen)
      assert.deepEqual(await seenAt(after(-HOUR_MS)), seen)
      const { items } = await storage.listActivations(ACCOUNT.id, sale.license.id, ALL)
      assert.deepEqual(items, [seen])
    },

    'never takes back how long tokens last, though new ones may last less': async ({ storage }) => {
      const sale = await sell(storage)
      const { activation } = outcomeOf(await claim(storage, sale, 'host-1'), 'created')
      await storage.updateProduct(ACCOUNT.id, sale.product.id, { offlineLifetimeSeconds: 1 }, { now: NOW })
      const later = after(LAST_SEEN_INTERVAL_MS)
      const { activation: seen } = outcomeOf(await claim(storage, sale, 'host-1', later), 'existing')
      assert.deepEqual(seen, { ...activation, lastSeenAt: later })
    },

    'refuses in the order of the contract, hosts with a slot too': async ({ storage }) => {
      await storage.insertCustomer(ACCOUNT.id, newCustomer('ada'), { now: NOW })
      const sale = await sell(storage, { customerId: 'cus_ada', maxActivations: 1 })
      outcomeOf(await claim(storage, sale, 'holder'), 'created')
      const update = (changes: LicenseChanges) => storage.updateLicense(ACCOUNT.id, sale.target, changes, { now: NOW })
      const refusals = async () => {
        const [holder, other] = [await claim(storage, sale, 'holder'), await claim(storage, sale, 'other')]
        return [holder.kind, other.kind]
      }
      await update({ blocked: true, expiresAt: NOW, type: 'floating', allowedHosts: [] })
      await storage.updateCustomer(ACCOUNT.id, 'cus_ada', { active: false }, { now: NOW })
      await storage.updateProduct(ACCOUNT.id, sale.product.id, { active: false }, { now: NOW })

      assert.deepEqual(await refusals(), ['gone', 'gone'])
      await storage.updateProduct(ACCOUNT.id, sale.product.id, { active: true }, { now: NOW })
      assert.deepEqual(await refusals(), ['blocked', 'blocked'])
      await update({ blocked: false })
      assert.deepEqual(await refusals(), ['expired', 'expired'])
      await update({ expiresAt: after(1) })
      assert.deepEqual(await refusals(), ['customer-inactive', 'customer-inactive'])
      await storage.updateCustomer(ACCOUNT.id, 'cus_ada', 'toggle', { now: NOW })
      assert.deepEqual(await refusals(), ['wrong-type', 'wrong-type'])
      await update({ type: 'node-locked' })
      assert.deepEqual(await refusals(), ['host-not-allowed', 'host-not-allowed'])
      await update({ allowedHosts: ['holder', 'other'] })
      assert.deepEqual(await refusals(), ['existing', 'limit-reached'])
      assert.equal(await takenSlots(storage, sale), 1)
    },

    'everything is gone for keys and products that do not belong together': async ({ storage }) => {
      const { license, product, target } = await sell(storage)
      await storage.insertProduct(ACCOUNT.id, newProduct('viewer'), { now: NOW })
      for (const wrong of [
        { canonicalKey: 'KEY-UNKNOWN', productId: product.id },
        { canonicalKey: license.canonicalKey, productId: 'prod_viewer' },
        { canonicalKey: license.canonicalKey, productId: 'prod_unknown' },
      ]) {
        const host = { ...wrong, hostId: 'host-1' }
        const step = { now: NOW }
        assert.deepEqual(await storage.claimActivation(ACCOUNT.id, wrong, newActivation('host-1'), step), {
          kind: 'gone',
        })
        assert.deepEqual(await storage.releaseActivation(ACCOUNT.id, host, step), { kind: 'gone' })
        assert.deepEqual(await storage.releaseAllActivations(ACCOUNT.id, wrong, step), { kind: 'gone' })
        const kind = wrong.productId === 'prod_viewer' ? 'wrong-product' : 'gone'
        assert.deepEqual(await storage.findActivation(ACCOUNT.id, host), { kind })
      }
      await storage.updateProduct(ACCOUNT.id, product.id, { active: false }, { now: NOW })
      const inactive = await storage.findActivation(ACCOUNT.id, { ...target, hostId: 'host-1' })
      assert.deepEqual(inactive, { kind: 'gone' })
    },

    'a license expires at its very millisecond, and releases all the same': async ({ storage }) => {
      const sale = await sell(storage, { expiresAt: after(HOUR_MS) })
      outcomeOf(await claim(storage, sale, 'host-1', after(HOUR_MS - 1)), 'created')
      outcomeOf(await claim(storage, sale, 'host-2', after(HOUR_MS)), 'expired')
      outcomeOf(await claim(storage, sale, 'host-1', after(HOUR_MS)), 'expired')
      const released = await storage.releaseActivation(
        ACCOUNT.id,
        { ...sale.target, hostId: 'host-1' },
        { now: after(HOUR_MS) },
      )
      outcomeOf(released, 'released')
      assert.equal(await takenSlots(storage, sale), 0)
    },

    'a duration per device runs from the claim, but never past the license': async ({ storage }) => {
      const activationDuration = { amount: 1, unit: 'month' } as const
      const sale = await sell(storage, { activationDuration, expiresAt: new Date('2026-05-15T00:00:00.000Z') })
      const expiry = async (host: string, now: string) =>
        outcomeOf(await claim(storage, sale, host, new Date(now)), 'created').activation.expiresAt?.toISOString()
      assert.equal(await expiry('host-1', '2026-03-31T10:00:00.001Z'), '2026-04-30T10:00:00.001Z')
      assert.equal(await expiry('host-2', '2026-05-01T00:00:00.000Z'), '2026-05-15T00:00:00.000Z')

      const edge = new Date('2026-04-30T10:00:00.001Z')
      outcomeOf(await claim(storage, sale, 'host-1', new Date(edge.getTime() - 1)), 'existing')
      outcomeOf(await claim(storage, sale, 'host-1', edge), 'expired')
      assert.equal(await takenSlots(storage, sale), 2, 'an expired host keeps its slot')
      await storage.releaseActivation(ACCOUNT.id, { ...sale.target, hostId: 'host-1' }, { now: edge })
      outcomeOf(await claim(storage, sale, 'host-1', edge), 'created')
    },
  },
}
