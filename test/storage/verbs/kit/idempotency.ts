import assert from 'node:assert/strict'
import {
  ACCOUNT,
  ALL,
  after,
  claim,
  HOUR_MS,
  NOW,
  newActivation,
  newCustomer,
  newEvent,
  newIdempotency,
  OTHER_ACCOUNT,
  sell,
} from './entities'
import { mutatingVerbs, setScene } from './mutating-verbs'
import { everythingIn, storedCustomer, takenSlots } from './observations'
import { outcomeOf } from './outcomes'
import type { ConformanceGroup } from './stage'
import { testsFor } from './tests-for'

export const idempotency: ConformanceGroup = {
  name: 'idempotency',
  tests: {
    ...testsFor(
      mutatingVerbs,
      (name) => `${name} happens once per key`,
      async ({ storage }, { call }) => {
        await setScene(storage)
        const step = { now: after(HOUR_MS), idempotency: newIdempotency('key-1') }
        const outcome = await call(storage, ACCOUNT.id, step)
        assert.ok(!('replayed' in outcome), 'the first answer is no replay')
        const before = await everythingIn(storage)
        const replay = await call(storage, ACCOUNT.id, { ...step, now: after(2 * HOUR_MS) })
        assert.deepEqual(replay, { ...outcome, replayed: { at: after(HOUR_MS), note: null } })
        assert.deepEqual(await everythingIn(storage), before)
      },
    ),

    'of 100 steps with one key at once one happens': async ({ storage }) => {
      const sale = await sell(storage, { maxActivations: null })
      await storage.insertCustomer(ACCOUNT.id, newCustomer('ada'), { now: NOW })
      const claimAs = (index: number) =>
        storage.claimActivation(ACCOUNT.id, sale.target, newActivation(`host-${index}`), {
          now: after(index),
          idempotency: newIdempotency('key-claim'),
        })
      const toggle = () =>
        storage.updateCustomer(ACCOUNT.id, 'cus_ada', 'toggle', {
          now: NOW,
          idempotency: newIdempotency('key-toggle'),
        })
      const outcomes = await Promise.all(Array.from({ length: 100 }, (_, index) => claimAs(index)))
      const originals = outcomes.filter((outcome) => !('replayed' in outcome))
      assert.equal(originals.length, 1)
      for (const outcome of outcomes) {
        const { replayed, ...rest } = outcomeOf(outcome, 'created')
        assert.deepEqual(rest, originals[0])
      }
      assert.equal(await takenSlots(storage, sale), 1)

      await Promise.all(Array.from({ length: 100 }, toggle))
      assert.equal((await storedCustomer(storage, 'cus_ada')).active, false)
    },

    'a key used for something else is a mismatch that changes nothing': async ({ storage }) => {
      const sale = await sell(storage)
      const claimWith = (host: string, payloadHash: string) =>
        storage.claimActivation(ACCOUNT.id, sale.target, newActivation(host), {
          now: NOW,
          idempotency: newIdempotency('key-1', { payloadHash }),
        })
      const original = await claimWith('host-1', 'hash-1')
      assert.deepEqual(await claimWith('host-2', 'hash-2'), { kind: 'idempotency-mismatch' })
      assert.equal(await takenSlots(storage, sale), 1)
      assert.deepEqual(await claimWith('host-1', 'hash-1'), { ...original, replayed: { at: NOW, note: null } })
    },

    'a refusal is replayed too, after its reason has gone': async ({ storage }) => {
      const sale = await sell(storage, { maxActivations: 1 })
      await claim(storage, sale, 'host-1')
      const step = { now: NOW, idempotency: newIdempotency('key-1') }
      const refused = () => storage.claimActivation(ACCOUNT.id, sale.target, newActivation('host-2'), step)
      assert.deepEqual(await refused(), { kind: 'limit-reached' })
      await storage.releaseActivation(ACCOUNT.id, { ...sale.target, hostId: 'host-1' }, { now: NOW })
      assert.deepEqual(await refused(), { kind: 'limit-reached', replayed: { at: NOW, note: null } })
      assert.equal(await takenSlots(storage, sale), 0)
    },

    'a record ends at its very millisecond, and another takes its place': async ({ storage }) => {
      const sale = await sell(storage)
      const reset = (now: Date, payloadHash: string) =>
        storage.resetLicense(ACCOUNT.id, sale.target, {
          now,
          idempotency: newIdempotency('key-1', { payloadHash, expiresAt: new Date(now.getTime() + HOUR_MS) }),
        })
      outcomeOf(await reset(NOW, 'hash-1'), 'reset')
      outcomeOf(await reset(after(HOUR_MS - 1), 'hash-2'), 'idempotency-mismatch')
      assert.equal(outcomeOf(await reset(after(HOUR_MS), 'hash-2'), 'reset').license.resetCount, 2)
      const replay = outcomeOf(await reset(after(HOUR_MS + 1), 'hash-2'), 'reset')
      assert.deepEqual([replay.replayed?.at, replay.license.resetCount], [after(HOUR_MS), 2])
    },

    'scopes, keys and accounts are independent': async ({ storage }) => {
      const sale = await sell(storage)
      let resets = 0
      for (const record of [
        newIdempotency('key-1'),
        newIdempotency('KEY-1'),
        newIdempotency('key-1', { scope: 'tok_other POST /key' }),
        // Joined with a separator these two pairs would be one.
        newIdempotency('b c', { scope: 'a' }),
        newIdempotency('c', { scope: 'a b' }),
      ]) {
        resets += 1
        const outcome = await storage.resetLicense(ACCOUNT.id, sale.target, { now: NOW, idempotency: record })
        assert.equal(outcomeOf(outcome, 'reset').license.resetCount, resets)
      }
      const theirs = await storage.resetLicense(
        OTHER_ACCOUNT.id,
        { canonicalKey: sale.target.canonicalKey },
        { now: NOW, idempotency: newIdempotency('key-1') },
      )
      assert.deepEqual(theirs, { kind: 'foreign' })
    },

    'a replay has instants, and metadata that looks like an encoding, as they were': async ({ storage }) => {
      const metadata = {
        $date: 5,
        nested: [{ $entries: [['a', 1]] }, { $date: 'no date' }],
        when: '2026-03-01T12:00:00Z',
      }
      const sale = await sell(storage, { metadata, expiresAt: new Date('+012345-06-07T08:09:10.011Z') })
      const step = { now: NOW, idempotency: newIdempotency('key-1') }
      const original = outcomeOf(await storage.resetLicense(ACCOUNT.id, sale.target, step), 'reset')
      const replay = outcomeOf(await storage.resetLicense(ACCOUNT.id, sale.target, step), 'reset')
      assert.deepEqual(replay.license, { ...sale.license, resetCount: 1 })
      assert.deepEqual(replay, { ...original, replayed: { at: NOW, note: null } })
    },

    'a replay tells when its step happened, and the note it was given': async ({ storage }) => {
      const sale = await sell(storage)
      const resetAt = (now: Date, key: string, note?: string) => {
        const record = newIdempotency(key, note === undefined ? {} : { note })
        return storage.resetLicense(ACCOUNT.id, sale.target, { now, idempotency: record })
      }
      const notes = { none: undefined, empty: '', text: '{"kid":"k1","jti":"’\u{1f511}"}' }
      for (const [key, note] of Object.entries(notes)) {
        outcomeOf(await resetAt(after(5), key, note), 'reset')
        // What the retry says is not what the step said.
        const replay = outcomeOf(await resetAt(after(6), key, 'later'), 'reset')
        assert.deepEqual(replay.replayed, { at: after(5), note: note ?? null })
      }
    },

    'a changed answer does not change the replay': async ({ storage }) => {
      const sale = await sell(storage, { metadata: { plan: 'team' } })
      const step = { now: NOW, idempotency: newIdempotency('key-1') }
      const original = outcomeOf(await storage.resetLicense(ACCOUNT.id, sale.target, step), 'reset')
      Object.assign(original.license.metadata ?? {}, { plan: 'changed' })
      const replay = outcomeOf(await storage.resetLicense(ACCOUNT.id, sale.target, step), 'reset')
      assert.deepEqual(replay.license.metadata, { plan: 'team' })
    },
  },
}

export const replayedEvents: ConformanceGroup = {
  name: 'events of replays',
  tests: {
    'are stored once, and none for a mismatch': async ({ storage }) => {
      const sale = await sell(storage)
      const resetWith = (payloadHash: string) =>
        storage.resetLicense(ACCOUNT.id, sale.target, {
          now: NOW,
          events: { reset: [newEvent('reset')] },
          idempotency: newIdempotency('key-1', { payloadHash }),
        })
      await Promise.all(Array.from({ length: 20 }, () => resetWith('hash-1')))
      outcomeOf(await resetWith('hash-2'), 'idempotency-mismatch')
      assert.equal((await storage.listEvents(ACCOUNT.id, {}, ALL)).total, 1)
    },
  },
}
