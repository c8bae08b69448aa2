import assert from 'node:assert/strict'
import type { Store } from '../../../../src/storage/verbs/store'
import {
  ACCOUNT,
  after,
  checkout,
  claim,
  HOUR_MS,
  NOW,
  newActivation,
  newCustomer,
  newEndpoint,
  newEvent,
  newIdempotency,
  newProduct,
  OTHER_ACCOUNT,
  release,
  sell,
  sellFloating,
} from './entities'
import { setScene } from './mutating-verbs'
import { everythingIn, idsOf, liveSessions, revoked, revokedIds, takenSlots } from './observations'
import { outcomeOf, tally } from './outcomes'
import type { ConformanceGroup } from './stage'
import { takeAll } from './take-all'

export const persistence: ConformanceGroup = {
  name: 'persistence',
  needs: ['persistence'],
  tests: {
    'everything is there again after reopening': async ({ storage, reopen }) => {
      await setScene(storage)
      const step = { now: NOW, events: { released: [newEvent('released')] } }
      const target = { canonicalKey: 'KEY-ONE', productId: 'prod_editor' }
      outcomeOf(await storage.claimActivation(ACCOUNT.id, target, newActivation('host-2'), { now: NOW }), 'created')
      outcomeOf(await storage.releaseActivation(ACCOUNT.id, { ...target, hostId: 'host-2' }, step), 'released')
      await storage.recordSigningKeyId('kid-1', NOW)
      await storage.insertProduct(OTHER_ACCOUNT.id, newProduct('theirs'), { now: NOW })
      const again = await storage.claimActivation(ACCOUNT.id, target, newActivation('host-1'), { now: after(HOUR_MS) })
      assert.deepEqual(outcomeOf(again, 'existing').activation.lastSeenAt, after(HOUR_MS))
      const before = await everythingIn(storage)
      assert.deepEqual(await everythingIn(await reopen()), before)
      assert.deepEqual(await everythingIn(await reopen()), before)
    },

    'every kind of change is there again, deletions too': async ({ storage, reopen }) => {
      await setScene(storage)
      const target = { canonicalKey: 'KEY-ONE', productId: 'prod_editor' }
      const changed = { description: 'changed', active: false }
      const changes = [
        { updated: () => storage.updateLicense(ACCOUNT.id, target, { metadata: { a: 1 } }, { now: after(1) }) },
        { updated: () => storage.updateProduct(ACCOUNT.id, 'prod_editor', { name: 'Renamed' }, { now: after(1) }) },
        { updated: () => storage.updateCustomer(ACCOUNT.id, 'cus_ada', 'toggle', { now: after(1) }) },
        { revoked: () => storage.revokeAccessToken(ACCOUNT.id, 'tok_plain', { now: after(1) }) },
        { released: () => storage.releaseActivation(ACCOUNT.id, { ...target, hostId: 'host-1' }, { now: after(1) }) },
        { reset: () => storage.resetLicense(ACCOUNT.id, target, { now: after(1) }) },
        {
          updated: () => storage.updateProductVersion(ACCOUNT.id, 'prod_editor', 'ver_1.0', changed, { now: after(1) }),
        },
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
  needs: ['persistence'],
  tests: {
    'a step is replayed after reopening, instants included': async ({ storage, reopen }) => {
      const sale = await sell(storage, { expiresAt: new Date('+012345-06-07T08:09:10.011Z') })
      const step = { now: NOW, idempotency: newIdempotency('key-1', { note: 'kid-1' }) }
      const original = outcomeOf(await storage.resetLicense(ACCOUNT.id, sale.target, step), 'reset')
      const again = await reopen()
      const replay = await again.resetLicense(ACCOUNT.id, sale.target, step)
      assert.deepEqual(replay, { ...original, replayed: { at: NOW, note: 'kid-1' } })
    },
  },
}

export const eventPersistence: ConformanceGroup = {
  name: 'persistence of events',
  needs: ['persistence'],
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

export const sessionPersistence: ConformanceGroup = {
  name: 'persistence of sessions',
  needs: ['persistence'],
  tests: {
    'a nonce used before reopening stays used, the next one counts': async ({ storage, reopen }) => {
      const sale = await sellFloating(storage, { maxConcurrentSessions: 1 })
      const { session } = outcomeOf(await checkout(storage, sale, 'host-1'), 'created')
      const target = { ...sale.target, sessionId: session.id }
      const renew = (on: Store, nonce: string, nextNonce: string) =>
        on.renewSession(ACCOUNT.id, target, { nonce, nextNonce }, { now: after(1) })
      const renewed = outcomeOf(await renew(storage, session.nonce, 'nonce-2'), 'renewed')
      const again = await reopen()
      assert.deepEqual(await liveSessions(again, sale, after(1)), [renewed.session])
      assert.deepEqual(await renew(again, session.nonce, 'nonce-3'), { kind: 'bad-nonce' })
      outcomeOf(await renew(again, 'nonce-2', 'nonce-3'), 'renewed')
      outcomeOf(await checkout(again, sale, 'host-2', after(1)), 'limit-reached')
    },
  },
}

export const revocationPersistence: ConformanceGroup = {
  name: 'persistence of revocations',
  needs: ['persistence'],
  tests: {
    'stamps go on where they were, though everything was purged before': async ({ storage, reopen }) => {
      const sale = await sell(storage)
      const first = outcomeOf(await claim(storage, sale, 'host-1'), 'created')
      const late = outcomeOf(await claim(storage, sale, 'host-2', after(HOUR_MS)), 'created')
      outcomeOf(await release(storage, sale, 'host-1'), 'released')
      const before = await revoked(storage)
      assert.deepEqual(await revokedIds(storage), idsOf([sale.license.id, 'host-1']))

      const second = await reopen()
      assert.deepEqual(await revoked(second), before)
      assert.equal((await second.purgeExpired(first.activation.tokensEndAt, 100)).revocations, 1)
      const third = await reopen()
      assert.deepEqual(await revoked(third), [])
      outcomeOf(await release(third, sale, 'host-2', {}, first.activation.tokensEndAt), 'released')
      assert.ok(((await revoked(third))[0]?.stamp ?? 0) >= late.stamp)
      const { stamp } = outcomeOf(await claim(third, sale, 'host-1', first.activation.tokensEndAt), 'created')
      assert.ok(stamp > (before[0]?.stamp ?? stamp), `${stamp} is above what was revoked`)
    },
  },
}

export const outboxPersistence: ConformanceGroup = {
  name: 'persistence of webhook deliveries',
  needs: ['persistence'],
  tests: {
    'a delivery taken before reopening is due again when its lease ends, not before': async ({ storage, reopen }) => {
      const endpoint = newEndpoint('plain')
      await storage.insertWebhookEndpoint(ACCOUNT.id, endpoint, { now: NOW })
      await storage.insertCustomer(ACCOUNT.id, newCustomer('ada'), { now: NOW, events: { created: [newEvent('a')] } })
      const [taken] = await takeAll(storage, NOW, after(HOUR_MS), 10)
      const again = await reopen()
      assert.deepEqual(await takeAll(again, after(HOUR_MS - 1), after(2 * HOUR_MS), 10), [])
      const [retaken] = await takeAll(again, after(HOUR_MS), after(2 * HOUR_MS), 10)
      assert.deepEqual([taken?.delivery.attempts, retaken?.delivery.attempts], [1, 2])
      assert.deepEqual(retaken?.endpoint, endpoint)
      await again.settleDelivery('evt_a.hook_plain', 2, { kind: 'delivered' })
      const last = await reopen()
      assert.deepEqual(await takeAll(last, after(9 * HOUR_MS), after(10 * HOUR_MS), 10), [])
      assert.equal((await last.listDeliveries(ACCOUNT.id, { status: 'delivered' }, { limit: 10 })).total, 1)
    },
  },
}
