import assert from 'node:assert/strict'
import {
  ACCOUNT,
  after,
  claim,
  HOUR_MS,
  NOW,
  newCustomer,
  newEvent,
  newIdempotency,
  newProduct,
  OTHER_ACCOUNT,
  sell,
} from './entities'
import type { ConformanceGroup } from './kit'
import { setScene } from './mutating-verbs'
import { everythingIn, takenSlots } from './observations'
import { outcomeOf, tally } from './outcomes'

export const persistence: ConformanceGroup = {
  name: 'persistence',
  needs: ['persistence'],
  tests: {
    'everything is there again after reopening': async ({ storage, reopen }) => {
      await setScene(storage)
      await storage.recordSigningKeyId('kid-1', NOW)
      await storage.insertProduct(OTHER_ACCOUNT.id, newProduct('theirs'), { now: NOW })
      await storage.touchActivation(ACCOUNT.id, 'lic_one', 'host-1', after(HOUR_MS))
      const before = await everythingIn(storage)
      const again = await reopen()
      assert.deepEqual(await everythingIn(again), before)
      assert.deepEqual(await everythingIn(await reopen()), before)
    },

    'every kind of change is there again, deletions too': async ({ storage, reopen }) => {
      await setScene(storage)
      const target = { canonicalKey: 'KEY-ONE', productId: 'prod_editor' }
      const changes = [
        { updated: () => storage.updateLicense(ACCOUNT.id, target, { metadata: { a: 1 } }, { now: after(1) }) },
        { updated: () => storage.updateProduct(ACCOUNT.id, 'prod_editor', { name: 'Renamed' }, { now: after(1) }) },
        { updated: () => storage.updateCustomer(ACCOUNT.id, 'cus_ada', 'toggle', { now: after(1) }) },
        { revoked: () => storage.revokeAccessToken(ACCOUNT.id, 'tok_plain', { now: after(1) }) },
        { released: () => storage.releaseActivation(ACCOUNT.id, { ...target, hostId: 'host-1' }, { now: after(1) }) },
        { reset: () => storage.resetLicense(ACCOUNT.id, target, { now: after(1) }) },
      ]
      for (const change of changes) {
        for (const [kind, run] of Object.entries(change)) outcomeOf<{ kind: string }, string>(await run(), kind)
      }
      const before = await everythingIn(storage)
      const again = await reopen()
      assert.deepEqual(await everythingIn(again), before)

      outcomeOf(await again.deleteCustomer(ACCOUNT.id, 'cus_ada', { now: after(2) }), 'deleted')
      const emptied = await everythingIn(again)
      assert.deepEqual(await everythingIn(await reopen()), emptied)
    },

    'a reopened store goes on where it was': async ({ storage, reopen }) => {
      const sale = await sell(storage, { maxActivations: 2 })
      outcomeOf(await claim(storage, sale, 'host-1'), 'created')
      const again = await reopen()
      outcomeOf(await claim(again, sale, 'host-1'), 'existing')
      outcomeOf(await claim(again, sale, 'host-2'), 'created')
      outcomeOf(await claim(again, sale, 'host-3'), 'limit-reached')
      assert.equal(await takenSlots(again, sale), 2)
      const next = outcomeOf(await again.insertProduct(ACCOUNT.id, newProduct('next'), { now: NOW }), 'created')
      assert.equal(next.product.packageId, sale.product.packageId + 1)
      const taken = await again.insertAccount({ ...ACCOUNT, name: 'Usurper' })
      assert.deepEqual(taken, { kind: 'exists' })
    },

    'closing waits for steps under way, which are stored': async ({ storage, reopen }) => {
      const sale = await sell(storage, { maxActivations: null })
      const underWay = Array.from({ length: 20 }, (_, index) => claim(storage, sale, `host-${index}`))
      const [again, ...outcomes] = await Promise.all([reopen(), ...underWay])
      assert.deepEqual(tally(outcomes), { created: 20 })
      assert.equal(await takenSlots(again, sale), 20)
    },
  },
}

export const idempotencyPersistence: ConformanceGroup = {
  name: 'persistence of idempotency records',
  needs: ['persistence', 'idempotency'],
  tests: {
    'a step is replayed after reopening, instants included': async ({ storage, reopen }) => {
      const sale = await sell(storage, { expiresAt: new Date('+012345-06-07T08:09:10.011Z') })
      const step = { now: NOW, idempotency: newIdempotency('key-1') }
      const original = outcomeOf(await storage.resetLicense(ACCOUNT.id, sale.target, step), 'reset')
      const again = await reopen()
      const replay = await again.resetLicense(ACCOUNT.id, sale.target, step)
      assert.deepEqual(replay, { ...original, replayed: true })
    },
  },
}

export const eventPersistence: ConformanceGroup = {
  name: 'persistence of events',
  needs: ['persistence', 'events'],
  tests: {
    'events are there again, in their order': async ({ storage, reopen }) => {
      for (const name of ['c', 'a', 'b']) {
        const planned = { created: [newEvent(name, { data: { name, nested: [{ at: 1 }] } })] }
        await storage.insertCustomer(ACCOUNT.id, newCustomer(name), { now: NOW, events: planned })
      }
      const before = await storage.listEvents(ACCOUNT.id, {}, { limit: 10 })
      assert.equal(before.total, 3)
      const again = await reopen()
      assert.deepEqual(await again.listEvents(ACCOUNT.id, {}, { limit: 10 }), before)
    },
  },
}
