import assert from 'node:assert/strict'
import { HOSTILE_STRINGS } from '../../../../src/testing/hostile-strings'
import {
  ACCOUNT,
  ALL,
  after,
  claim,
  NOW,
  newAccessToken,
  newActivation,
  newCustomer,
  newLicense,
  newProduct,
  newVersion,
  sell,
  sellMore,
} from './entities'
import { everythingIn, storedLicense, takenSlots } from './observations'
import { outcomeOf } from './outcomes'
import type { ConformanceGroup } from './stage'

export const values: ConformanceGroup = {
  name: 'values',
  tests: {
    'strings come back as they went in': async ({ storage }) => {
      await sell(storage)
      for (const [index, text] of HOSTILE_STRINGS.entries()) {
        const product = newProduct(`p${index}`, { name: text, entitlements: [text, text] })
        const inserted = outcomeOf(await storage.insertProduct(ACCOUNT.id, product, { now: NOW }), 'created')
        assert.deepEqual(await storage.findProduct(ACCOUNT.id, product.id), inserted.product)
        assert.deepEqual([inserted.product.name, inserted.product.entitlements], [text, [text, text]])

        const customer = newCustomer(`c${index}`, { name: text, createdBy: text })
        await storage.insertCustomer(ACCOUNT.id, customer, { now: NOW })
        assert.deepEqual(await storage.findCustomer(ACCOUNT.id, customer.id), customer)

        const token = newAccessToken(`t${index}`, { name: text, allowedAddresses: [text] })
        await storage.insertAccessToken(ACCOUNT.id, token, { now: NOW })
        assert.deepEqual(await storage.findAccessToken(token.hash), token)

        const version = newVersion(text, { id: `ver_${index}`, productId: product.id, description: text })
        await storage.insertProductVersion(ACCOUNT.id, version, { now: NOW })
        assert.deepEqual(await storage.findProductVersion(ACCOUNT.id, product.id, version.id), version)

        const sale = await sellMore(storage, inserted.product, `l${index}`, {
          productIds: [product.id],
          metadata: { [text]: text, list: [text] },
          allowedHosts: [text],
          externalId: text,
        })
        const called = await storage.listLicenses(ACCOUNT.id, { externalId: text }, ALL)
        assert.deepEqual(called, { items: [sale.license], total: 1 })
        assert.deepEqual(await storedLicense(storage, sale), sale.license)
        const licensee = { name: text, email: text }
        const asked = newActivation(text, { deviceTag: text, address: text, appVersion: text, licensee })
        const claimed = await storage.claimActivation(ACCOUNT.id, sale.target, asked, { now: NOW })
        const { activation } = outcomeOf(claimed, 'created')
        assert.deepEqual((await storage.listActivations(ACCOUNT.id, sale.license.id, ALL)).items, [activation])
        assert.deepEqual([activation.hostId, activation.deviceTag, activation.appVersion], [text, text, text])
        assert.deepEqual(activation.licensee, licensee)
      }
    },

    'keys and hosts are told apart to the last code unit': async ({ storage }) => {
      const sale = await sell(storage, { maxActivations: null })
      for (const key of ['key-one', 'KEY-ONE ', ' KEY-ONE', 'KEY-ON', 'KÉY-ONE', 'KEY_ONE', 'KEY-%', 'ＫEY-ONE']) {
        assert.deepEqual(await storage.findLicense(ACCOUNT.id, key), { kind: 'gone' }, key)
      }
      const hosts = ['host', 'HOST', 'host ', 'hóst', 'ho\u0301st', 'hos_', '__proto__']
      for (const host of hosts) outcomeOf(await claim(storage, sale, host), 'created')
      assert.equal(await takenSlots(storage, sale), hosts.length)
    },

    'metadata comes back whole': async ({ storage }) => {
      const metadata = JSON.parse(`{
        "__proto__": { "polluted": true }, "toString": 1, "": "empty", "1": "one", "nothing": null, "no": false,
        "numbers": [0, -1, 0.1, 1e21, 5e-324, 1.7976931348623157e308, 9007199254740991, 123456789012345680],
        "deep": [[[[{ "a": [{ "b": {} }, []] }]]]], "date": "2026-03-01T12:00:00.123Z", "$date": 7
      }`)
      const sale = await sell(storage, { metadata })
      const { metadata: stored } = await storedLicense(storage, sale)
      assert.deepEqual(stored, metadata)
      assert.equal(JSON.stringify(Object.keys(stored ?? {}).sort()), JSON.stringify(Object.keys(metadata).sort()))
      assert.equal(({} as { polluted?: unknown }).polluted, undefined)
    },

    'instants come back to the millisecond, years beyond 9999 included': async ({ storage }) => {
      const { product } = await sell(storage)
      const instants = [
        '2026-12-31T23:59:59.999Z',
        '2028-02-29T00:00:00.001Z',
        '9999-12-31T23:59:59.999Z',
        '+010000-01-01T00:00:00.000Z',
        '+275760-09-12T23:59:59.999Z',
        '1970-01-01T00:00:00.000Z',
        '1969-12-31T23:59:59.999Z',
      ].map((instant) => new Date(instant))
      for (const [index, instant] of instants.entries()) {
        const changes = { expiresAt: instant, createdAt: instant, updatedAt: instant }
        const sale = await sellMore(storage, product, `l${index}`, changes)
        assert.deepEqual(await storedLicense(storage, sale), { ...sale.license, ...changes })
        const customer = newCustomer(`c${index}`, { createdAt: instant, updatedAt: instant })
        await storage.insertCustomer(ACCOUNT.id, customer, { now: NOW })
        assert.deepEqual(await storage.findCustomer(ACCOUNT.id, customer.id), customer)
      }
      const { items } = await storage.listLicenses(ACCOUNT.id, {}, ALL)
      const times = items.map(({ createdAt }) => createdAt.getTime())
      assert.deepEqual(
        times,
        times.toSorted((a, b) => a - b),
        'years beyond 9999 sort after it',
      )
    },

    'numbers and nulls come back exactly': async ({ storage }) => {
      const { product } = await sell(storage)
      const rows = [
        { maxActivations: 1, resetCount: 9_999_999, cleanable: true, type: 'floating' as const },
        { maxActivations: 9_999_999, soldFor: { amount: 90, unit: 'day' as const }, allowedHosts: [] },
        { maxActivations: null, activationDuration: { amount: 1, unit: 'year' as const }, metadata: {} },
        { maxConcurrentSessions: 9_999_999, heartbeatIntervalSeconds: 1, sessionLeaseSeconds: 86_400, blocked: true },
      ]
      for (const [index, changes] of rows.entries()) {
        const sale = await sellMore(storage, product, `l${index}`, changes)
        assert.deepEqual(await storedLicense(storage, sale), { ...newLicense(`l${index}`), ...changes })
      }
      const longLived = newProduct('long', { offlineLifetimeSeconds: 315_360_000, graceSeconds: 0 })
      const { product: stored } = outcomeOf(await storage.insertProduct(ACCOUNT.id, longLived, { now: NOW }), 'created')
      assert.deepEqual([stored.offlineLifetimeSeconds, stored.graceSeconds], [315_360_000, 0])
    },

    'what was handed in or out can be changed without changing what is stored': async ({ storage }) => {
      const metadata = { plan: 'team' }
      const expiresAt = after(1_000)
      const customer = newCustomer('ada')
      const now = new Date(NOW)
      await storage.insertCustomer(ACCOUNT.id, customer, { now })
      const sale = await sell(storage, { customerId: customer.id, metadata, expiresAt, allowedHosts: ['host-1'] })
      const claimed = outcomeOf(await claim(storage, sale, 'host-1', now), 'created')
      const found = outcomeOf(await storage.findLicense(ACCOUNT.id, sale.target.canonicalKey), 'found')
      const listed = await storage.listLicenses(ACCOUNT.id, {}, ALL)
      const before = await everythingIn(storage)

      metadata.plan = 'changed'
      for (const date of [expiresAt, now, claimed.activation.activatedAt, found.license.createdAt]) date.setTime(0)
      for (const license of [sale.license, claimed.license, found.license, ...listed.items]) {
        Object.assign(license, { blocked: true, activationCount: 7 })
        Object.assign(license.metadata ?? {}, { plan: 'changed' })
        ;(license.allowedHosts as string[]).push('host-2')
      }
      for (const row of [customer, found.customer, claimed.customer]) Object.assign(row ?? {}, { active: false })
      Object.assign(claimed.product, { active: false })
      Object.assign(claimed.activation, { hostId: 'host-2' })
      assert.deepEqual(await everythingIn(storage), before)
    },
  },
}
