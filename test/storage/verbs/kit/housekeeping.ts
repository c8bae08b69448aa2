import assert from 'node:assert/strict'
import {
  ACCOUNT,
  ALL,
  after,
  claim,
  HOUR_MS,
  NOW,
  newCustomer,
  newIdempotency,
  newLicense,
  newProduct,
  OTHER_ACCOUNT,
  sell,
  sellMore,
} from './entities'
import { takenSlots } from './observations'
import { outcomeOf } from './outcomes'
import type { ConformanceGroup } from './stage'

export const housekeeping: ConformanceGroup = {
  name: 'housekeeping',
  tests: {
    'deletes a cleanable license at its expiry, to the millisecond, and no other': async ({ storage }) => {
      const doomed = await sell(storage, { cleanable: true, expiresAt: after(HOUR_MS) })
      const kept = await sellMore(storage, doomed.product, 'kept', { expiresAt: after(1) })
      for (const sale of [doomed, kept]) outcomeOf(await claim(storage, sale, `host-${sale.license.id}`), 'created')
      assert.equal((await storage.purgeExpired(after(HOUR_MS - 1), 100)).licenses, 0)
      assert.equal((await storage.purgeExpired(after(HOUR_MS), 100)).licenses, 1)
      assert.deepEqual(await storage.findLicense(ACCOUNT.id, doomed.target.canonicalKey), { kind: 'gone' })
      assert.equal((await storage.listActivations(ACCOUNT.id, doomed.license.id, ALL)).total, 0)
      assert.equal(await takenSlots(storage, kept), 1)

      const again = await sellMore(storage, doomed.product, 'one', { id: 'lic_again' })
      assert.equal(await takenSlots(storage, again), 0)
    },

    'deletes a cleanable license that never expires an hour after its creation': async ({ storage }) => {
      await sell(storage, { cleanable: true, createdAt: after(5) })
      assert.equal((await storage.purgeExpired(after(HOUR_MS + 4), 100)).licenses, 0)
      assert.equal((await storage.purgeExpired(after(HOUR_MS + 5), 100)).licenses, 1)
    },

    'goes by the expiry as it is now': async ({ storage }) => {
      const sale = await sell(storage, { cleanable: true, expiresAt: after(1) })
      await storage.updateLicense(ACCOUNT.id, sale.target, { expiresAt: after(HOUR_MS) }, { now: NOW })
      assert.equal((await storage.purgeExpired(after(1), 100)).licenses, 0)
      await storage.updateLicense(ACCOUNT.id, sale.target, { expiresAt: null }, { now: NOW })
      assert.equal((await storage.purgeExpired(after(HOUR_MS), 100)).licenses, 1)
    },

    'deletes at most the limit in one call, over all accounts': async ({ storage }) => {
      const { product } = await sell(storage)
      for (let index = 0; index < 4; index += 1) {
        await sellMore(storage, product, `l${index}`, { cleanable: true, expiresAt: after(index) })
      }
      await storage.insertProduct(OTHER_ACCOUNT.id, newProduct('theirs'), { now: NOW })
      const theirs = { accountId: OTHER_ACCOUNT.id, productIds: ['prod_theirs'], cleanable: true, expiresAt: NOW }
      await storage.insertLicenses(OTHER_ACCOUNT.id, { licenses: [newLicense('theirs', theirs)] }, { now: NOW })
      const purged: number[] = []
      for (let call = 0; call < 4; call += 1) purged.push((await storage.purgeExpired(after(HOUR_MS), 2)).licenses)
      assert.deepEqual(purged, [2, 2, 1, 0])
      assert.equal((await storage.listLicenses(ACCOUNT.id, {}, ALL)).total, 1)
    },

    'calls at once delete each license once': async ({ storage }) => {
      const { product } = await sell(storage)
      for (let index = 0; index < 6; index += 1) {
        await sellMore(storage, product, `l${index}`, { cleanable: true, expiresAt: NOW })
      }
      const purges = await Promise.all(Array.from({ length: 4 }, () => storage.purgeExpired(NOW, 5)))
      assert.equal(
        purges.reduce((sum, { licenses }) => sum + licenses, 0),
        6,
      )
    },
  },
}

export const idempotencyHousekeeping: ConformanceGroup = {
  name: 'housekeeping of idempotency records',
  tests: {
    'deletes records at their expiry, at most the limit in one call': async ({ storage }) => {
      for (let index = 0; index < 5; index += 1) {
        const record = newIdempotency(`key-${index}`, { expiresAt: after(HOUR_MS) })
        const customer = newCustomer(`c${index}`)
        await storage.insertCustomer(ACCOUNT.id, customer, { now: NOW, idempotency: record })
      }
      const purge = async (now: Date) => (await storage.purgeExpired(now, 2)).idempotencyRecords
      assert.equal(await purge(after(HOUR_MS - 1)), 0)
      const purged: number[] = []
      for (let call = 0; call < 4; call += 1) purged.push(await purge(after(HOUR_MS)))
      assert.deepEqual(purged, [2, 2, 1, 0])
    },

    'leaves records that still count': async ({ storage }) => {
      const step = { now: NOW, idempotency: newIdempotency('key-1') }
      const insert = () => storage.insertCustomer(ACCOUNT.id, newCustomer('ada'), step)
      await insert()
      await storage.purgeExpired(after(HOUR_MS), 100)
      assert.deepEqual(await insert(), {
        kind: 'created',
        customer: newCustomer('ada'),
        replayed: { at: NOW, note: null },
      })
    },
  },
}
