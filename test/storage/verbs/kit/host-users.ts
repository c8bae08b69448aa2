import assert from 'node:assert/strict'
import { LAST_SEEN_INTERVAL_MS } from '../../../../src/domain/activation'
import { MAX_HOST_KEYS } from '../../../../src/domain/host-keys'
import type { Store } from '../../../../src/storage/verbs/store'
import {
  ACCOUNT,
  ALL,
  after,
  claim,
  HOUR_MS,
  NOW,
  newActivation,
  newEvent,
  newProofKey,
  release,
  type Sale,
  sell,
} from './entities'
import { everythingIn, revoked, storedLicense, takenSlots } from './observations'
import { outcomeOf } from './outcomes'
import { SHARED, sharedBy } from './spending'
import type { ConformanceGroup } from './stage'
import { boundKeys, slotOf, thumbprintsOf } from './takeovers'

const DAY_MS = 24 * HOUR_MS
const [FIRST, SECOND, THIRD, FOURTH] = ['first', 'second', 'third', 'fourth'].map(newProofKey) as [
  string,
  string,
  string,
  string,
]

/** A claim of `host-1` with a key, where a host may have so many users. */
/** A slot changes hands only where its users give it up. */
const NO_MOVES = { ...SHARED, moves: null }

function keyed(proofKey: string, users?: number) {
  const rules = users === undefined ? {} : { rules: sharedBy(users) }
  return { ...newActivation('host-1', { proofKey, jti: `jti_${proofKey}` }), ...rules }
}

/** Has `host-1` take a slot with the first key, and binds the others one millisecond after the other. */
async function shared(storage: Store, sale: Sale, keys: readonly string[] = [FIRST, SECOND]) {
  for (const [index, key] of keys.entries()) {
    outcomeOf(await claim(storage, sale, keyed(key), after(index)), index === 0 ? 'created' : 'rebound')
  }
  return slotOf(storage, sale, 'host-1')
}

function validate(storage: Store, { target }: Sale, proofKey: string, now: Date) {
  return storage.validateActivation(ACCOUNT.id, { ...target, hostId: 'host-1', proofKey }, now)
}

export const hostUsers: ConformanceGroup = {
  name: 'users of one host',
  tests: {
    'each is seen for itself': async ({ storage }) => {
      const sale = await sell(storage)
      const { keys } = await shared(storage, sale)
      const later = after(LAST_SEEN_INTERVAL_MS + 1)
      outcomeOf(await validate(storage, sale, SECOND, later), 'valid')
      const seen = await slotOf(storage, sale, 'host-1')
      const [first, second] = keys
      const tokensEndAt = new Date((second?.tokensEndAt.getTime() ?? 0) + LAST_SEEN_INTERVAL_MS)
      assert.deepEqual(seen.keys, [first, { ...second, usedAt: later, tokensEndAt }])
      assert.deepEqual([seen.lastSeenAt, seen.tokensEndAt], [later, tokensEndAt])
      // The other is due all the same.
      outcomeOf(await claim(storage, sale, keyed(FIRST), later), 'existing')
      assert.deepEqual((await slotOf(storage, sale, 'host-1')).keys[0]?.usedAt, later)
      // Whoever shows a key that the host does not have is bound by no validation.
      assert.deepEqual(await validate(storage, sale, THIRD, later), { kind: 'proof-required' })
      assert.deepEqual(await boundKeys(storage, sale, 'host-1'), [FIRST, SECOND])
    },

    'that are two of one are seen, in one step with what is told of it': async ({ storage }) => {
      const sale = await sell(storage)
      await shared(storage, sale, [FIRST])
      const show = (renewal: number, now: Date) =>
        storage.validateActivation(
          ACCOUNT.id,
          { ...sale.target, hostId: 'host-1', proofKey: FIRST, renewal },
          now,
          () => ({ now, events: { 'ended-now': [newEvent('cloned', { type: 'license.cloned', at: now })] } }),
        )
      for (const [day, renewal] of [0, 0].entries()) outcomeOf(await show(renewal, after((day + 1) * DAY_MS)), 'valid')
      outcomeOf(await show(1, after(3 * DAY_MS)), 'ended-now')
      outcomeOf(await show(2, after(3 * DAY_MS)), 'ended')
      const { items } = await storage.listEvents(ACCOUNT.id, { licenseId: sale.license.id }, ALL)
      assert.deepEqual(
        items.map(({ type }) => type),
        ['license.cloned'],
      )
      const [key] = (await slotOf(storage, sale, 'host-1')).keys
      assert.deepEqual(key?.renewals, { count: 3, previous: 3, at: after(3 * DAY_MS), ended: 2, clonedAt: null })
    },

    'that renew from different networks on three days are told of, once a day': async ({ storage }) => {
      const sale = await sell(storage)
      await shared(storage, sale)
      const renew = (proofKey: string, address: string, now: Date) => {
        const asked = { ...sale.target, hostId: 'host-1', proofKey, address }
        const event = newEvent(`shared-${now.getTime()}`, { type: 'license.host-shared', at: now })
        return storage.validateActivation(ACCOUNT.id, asked, now, () => ({ now, events: { shared: [event] } }))
      }
      for (const day of [1, 2, 3, 4]) {
        const isTold = day >= 3
        outcomeOf(await renew(FIRST, '203.0.113.7', after(day * DAY_MS)), 'valid')
        const second = await renew(SECOND, '198.51.100.4', after(day * DAY_MS + HOUR_MS))
        outcomeOf(second, isTold ? 'shared' : 'valid')
        outcomeOf(await renew(SECOND, '198.51.100.4', after(day * DAY_MS + 2 * HOUR_MS)), 'valid')
      }
      const { items } = await storage.listEvents(ACCOUNT.id, { licenseId: sale.license.id }, ALL)
      assert.deepEqual(
        items.map(({ type }) => type),
        ['license.host-shared', 'license.host-shared'],
      )
      const { sharing } = await slotOf(storage, sale, 'host-1')
      assert.equal(sharing?.days.length, 3)
      assert.doesNotMatch(JSON.stringify(sharing), /203|198\.51/)
    },

    'a younger one that gives the slot up drops itself, and the slot is free when the older have been away': async ({
      storage,
    }) => {
      const sale = await sell(storage, { maxActivations: 1 })
      const before = await shared(storage, sale)
      const releaseAt = new Date((before.keys[0]?.tokensEndAt.getTime() ?? 0) + 14 * DAY_MS)
      const keys = before.keys.map((key, index) => (index === 1 ? { ...key, leftAt: after(5) } : key))
      const activation = { ...before, keys, releaseAt }
      const license = await storedLicense(storage, sale)
      const outcome = await release(storage, sale, 'host-1', { proofKey: SECOND, rules: SHARED }, after(5))
      assert.deepEqual(outcome, { kind: 'pending', license, activation })
      assert.deepEqual(await slotOf(storage, sale, 'host-1'), activation)
      assert.deepEqual([await takenSlots(storage, sale), await revoked(storage)], [1, []])
      // It is a user no more.
      assert.deepEqual(await release(storage, sale, 'host-1', { proofKey: SECOND }), { kind: 'proof-required' })
      assert.deepEqual(await validate(storage, sale, SECOND, after(5)), { kind: 'proof-required' })

      const other = { ...newActivation('host-2'), rules: NO_MOVES }
      outcomeOf(await claim(storage, sale, other, new Date(releaseAt.getTime() - 1)), 'limit-reached')
      outcomeOf(await claim(storage, sale, other, releaseAt), 'created')
      assert.equal(await takenSlots(storage, sale), 1)
      outcomeOf(await claim(storage, sale, keyed(FIRST), releaseAt), 'limit-reached')
    },

    'the slot stays where an older one calls before, whatever it asks for': async ({ storage }) => {
      const sale = await sell(storage, { maxActivations: 1 })
      for (const asks of ['claims', 'validates'] as const) {
        const { keys } = await shared(storage, sale)
        const gaveUp = outcomeOf(await release(storage, sale, 'host-1', { proofKey: SECOND }, after(5)), 'pending')
        // Soon after it was seen, so that nothing else is due.
        if (asks === 'claims') outcomeOf(await claim(storage, sale, keyed(FIRST), after(6)), 'existing')
        else outcomeOf(await validate(storage, sale, FIRST, after(6)), 'valid')
        const kept = await slotOf(storage, sale, 'host-1')
        assert.deepEqual([kept.releaseAt, thumbprintsOf(kept)], [null, [FIRST]])
        const at = gaveUp.activation.releaseAt ?? NOW
        assert.ok(keys[0] !== undefined && at > keys[0].tokensEndAt)
        outcomeOf(await claim(storage, sale, { ...newActivation('host-2'), rules: NO_MOVES }, at), 'limit-reached')
        outcomeOf(await storage.resetLicense(ACCOUNT.id, sale.target, { now: NOW }), 'reset')
      }
    },

    'a slot that none of them can use any more yields to a new host at the limit': async ({ storage }) => {
      const sale = await sell(storage, { maxActivations: 1 })
      const { tokensEndAt } = await shared(storage, sale)
      const other = { ...newActivation('host-2'), rules: SHARED }
      outcomeOf(await claim(storage, sale, other, new Date(tokensEndAt.getTime() - 1)), 'limit-reached')
      outcomeOf(await claim(storage, sale, { ...other, rules: NO_MOVES }, tokensEndAt), 'limit-reached')
      outcomeOf(await claim(storage, sale, other, tokensEndAt), 'created')
      assert.deepEqual([await takenSlots(storage, sale), await revoked(storage)], [1, []])
    },

    'the oldest leaves the slot to the others': async ({ storage }) => {
      const sale = await sell(storage, { maxActivations: 1 })
      const before = await shared(storage, sale)
      const license = await storedLicense(storage, sale)
      const keys = before.keys.map((key, index) => (index === 0 ? { ...key, leftAt: after(5) } : key))
      const activation = { ...before, keys }
      const kept = await release(storage, sale, 'host-1', { proofKey: FIRST, rules: SHARED }, after(5))
      assert.deepEqual(kept, { kind: 'kept', license, activation })
      assert.deepEqual(await slotOf(storage, sale, 'host-1'), activation)
      assert.deepEqual([await takenSlots(storage, sale), await revoked(storage)], [1, []])
      outcomeOf(await claim(storage, sale, keyed(FIRST), after(6)), 'rebound')
      // Come back, it is the oldest still.
      assert.deepEqual(await boundKeys(storage, sale, 'host-1'), [FIRST, SECOND])
      outcomeOf(await release(storage, sale, 'host-1', { proofKey: FIRST }, after(7)), 'kept')
      const elsewhere = { ...newActivation('host-2'), proofKey: SECOND, previousHostIds: ['host-1'], rules: SHARED }
      outcomeOf(await claim(storage, sale, elsewhere, after(8)), 'limit-reached')
      outcomeOf(await release(storage, sale, 'host-1', { proofKey: SECOND }, after(8)), 'released')
    },

    'the oldest frees it for all, a younger one does not': async ({ storage }) => {
      const sale = await sell(storage, { maxActivations: 1 })
      await shared(storage, sale, [FIRST, SECOND, THIRD])
      const forAll = { forAll: true } as const
      outcomeOf(await release(storage, sale, 'host-1', { ...forAll, proofKey: THIRD }, after(5)), 'pending')
      assert.deepEqual(await boundKeys(storage, sale, 'host-1'), [FIRST, SECOND])
      outcomeOf(await release(storage, sale, 'host-1', { ...forAll, proofKey: FIRST }, after(5)), 'released')
      assert.deepEqual([await takenSlots(storage, sale), (await revoked(storage)).length], [0, 1])
    },

    'the vendor frees it whoever uses it': async ({ storage }) => {
      const sale = await sell(storage, { maxActivations: 1 })
      await shared(storage, sale)
      outcomeOf(await release(storage, sale, 'host-1', { trusted: true }, after(5)), 'released')
      assert.equal(await takenSlots(storage, sale), 0)
    },

    'who was not seen for 30 days is none, once its tokens have ended': async ({ storage }) => {
      const sale = await sell(storage)
      await shared(storage, sale)
      const since = after(1 + 30 * DAY_MS)
      const early = new Date(since.getTime() - 1)
      const give = (now: Date) => release(storage, sale, 'host-1', { proofKey: FIRST }, now)
      outcomeOf(await give(early), 'kept')
      outcomeOf(await storage.resetLicense(ACCOUNT.id, sale.target, { now: NOW }), 'reset')
      await shared(storage, sale)
      outcomeOf(await give(since), 'released')
    },

    'one too many goes on for seven days, another is refused': async ({ storage }) => {
      const sale = await sell(storage, { maxActivations: 1 })
      outcomeOf(await claim(storage, sale, keyed(FIRST, 2)), 'created')
      outcomeOf(await claim(storage, sale, keyed(SECOND, 2)), 'rebound')
      const { activation } = outcomeOf(await claim(storage, sale, keyed(THIRD, 2)), 'rebound')
      const until = after(7 * DAY_MS)
      assert.deepEqual(
        activation.keys.map((key) => key.until),
        [null, null, until],
      )
      const before = await everythingIn(storage)
      assert.deepEqual(await claim(storage, sale, keyed(FOURTH, 2)), { kind: 'users-exceeded' })
      assert.deepEqual(await everythingIn(storage), before)

      const last = new Date(until.getTime() - 1)
      outcomeOf(await claim(storage, sale, keyed(THIRD, 2), last), 'existing')
      outcomeOf(await validate(storage, sale, THIRD, last), 'valid')
      assert.deepEqual((await slotOf(storage, sale, 'host-1')).keys[2]?.until, until)
      assert.deepEqual(await validate(storage, sale, THIRD, until), { kind: 'users-exceeded' })
      assert.deepEqual(await claim(storage, sale, keyed(THIRD, 2), until), { kind: 'users-exceeded' })
      assert.deepEqual(await release(storage, sale, 'host-1', { proofKey: THIRD }, until), { kind: 'proof-required' })
      for (const key of [FIRST, SECOND]) outcomeOf(await validate(storage, sale, key, until), 'valid')
    },

    'who shows the recovery key of a lost key succeeds it, and both are taken': async ({ storage }) => {
      const sale = await sell(storage)
      const recoveryKey = newProofKey('recovery')
      outcomeOf(await claim(storage, sale, { ...keyed(FIRST, 2), recoveryKey }), 'created')
      outcomeOf(await claim(storage, sale, keyed(SECOND, 2)), 'rebound')
      const [first, second] = (await slotOf(storage, sale, 'host-1')).keys
      outcomeOf(await claim(storage, sale, { ...keyed(THIRD, 2), recoveryKey }, after(5)), 'rebound')
      const { keys } = await slotOf(storage, sale, 'host-1')
      const tokensEndAt = keys[0]?.tokensEndAt
      assert.deepEqual(keys, [{ ...first, thumbprint: THIRD, former: [FIRST], usedAt: after(5), tokensEndAt }, second])
      for (const key of [FIRST, THIRD, recoveryKey]) outcomeOf(await validate(storage, sale, key, after(6)), 'valid')
      // A key of somebody else's proves nothing.
      const thief = { ...keyed(FOURTH, 2), recoveryKey: newProofKey('thief') }
      outcomeOf(await claim(storage, sale, thief, after(7)), 'rebound')
      assert.deepEqual(await boundKeys(storage, sale, 'host-1'), [THIRD, SECOND, FOURTH])
    },

    'whom the vendor drops is bound no more, and the others go on': async ({ storage }) => {
      const sale = await sell(storage, { maxActivations: 1 })
      const before = await shared(storage, sale)
      const drop = { trusted: true, drops: FIRST } as const
      const { activation } = outcomeOf(await release(storage, sale, 'host-1', drop, after(5)), 'dropped')
      const keys = before.keys.map((key, rank) =>
        rank === 0 ? { ...key, leftAt: after(5), droppedAt: after(5) } : key,
      )
      assert.deepEqual(activation, { ...before, keys })
      assert.deepEqual(await slotOf(storage, sale, 'host-1'), activation)
      assert.deepEqual([await takenSlots(storage, sale), (await revoked(storage)).length], [1, 1])
      assert.deepEqual(await claim(storage, sale, keyed(FIRST), after(6)), { kind: 'key-dropped' })
      assert.deepEqual(await validate(storage, sale, FIRST, after(6)), { kind: 'proof-required' })
      outcomeOf(await validate(storage, sale, SECOND, after(6)), 'valid')
      outcomeOf(await release(storage, sale, 'host-1', { trusted: true, drops: THIRD }, after(6)), 'not-active')
      // The oldest now, it frees the slot at once.
      outcomeOf(await release(storage, sale, 'host-1', { proofKey: SECOND }, after(6)), 'released')
    },

    'a host has as many as its license says, else its product, else the rules': async ({ storage }) => {
      const sale = await sell(storage)
      const bind = async (count: number, kind: 'rebound' | 'users-exceeded') => {
        const key = newProofKey(`user-${count}`)
        outcomeOf(
          await claim(storage, sale, { ...newActivation('host-1', { proofKey: key }), rules: sharedBy(1) }),
          kind,
        )
      }
      outcomeOf(await claim(storage, sale, keyed(FIRST, 1)), 'created')
      const product = (usersPerHost: number | null) =>
        storage.updateProduct(ACCOUNT.id, sale.target.productId, { usersPerHost }, { now: NOW })
      outcomeOf(await product(2), 'updated')
      await bind(1, 'rebound')
      const { activation } = outcomeOf(await claim(storage, sale, keyed(SECOND, 1)), 'rebound')
      assert.notEqual(activation.keys.at(-1)?.until, null)
      await bind(2, 'users-exceeded')
      const change = { usersPerHost: 4 }
      outcomeOf(await storage.updateLicense(ACCOUNT.id, sale.target, change, { now: NOW }), 'updated')
      await bind(3, 'rebound')
      await bind(4, 'users-exceeded')
      outcomeOf(await storage.updateLicense(ACCOUNT.id, sale.target, { usersPerHost: null }, { now: NOW }), 'updated')
      outcomeOf(await product(null), 'updated')
      await bind(5, 'users-exceeded')
    },

    'one too many stays where another gives up meanwhile': async ({ storage }) => {
      const sale = await sell(storage, { maxActivations: 1 })
      for (const key of [FIRST, SECOND, THIRD]) await claim(storage, sale, keyed(key, 2))
      outcomeOf(await release(storage, sale, 'host-1', { proofKey: FIRST }), 'kept')
      const until = after(7 * DAY_MS)
      const { activation } = outcomeOf(await claim(storage, sale, keyed(THIRD, 2), until), 'rebound')
      assert.deepEqual(thumbprintsOf(activation), [SECOND, THIRD])
      assert.deepEqual([activation.keys.at(-1)?.until, activation.keys.at(-1)?.boundAt], [null, until])
    },

    'the vendor is held to no number, and nobody to one where there are no rules': async ({ storage }) => {
      const sale = await sell(storage)
      for (const key of [FIRST, SECOND, THIRD]) await claim(storage, sale, keyed(key, 2))
      const trusted = { ...keyed(FOURTH, 2), trusted: true } as const
      const { activation } = outcomeOf(await claim(storage, sale, trusted), 'rebound')
      assert.equal(activation.keys.at(-1)?.until, null)
      const { activation: fifth } = outcomeOf(await claim(storage, sale, keyed(newProofKey('fifth'))), 'rebound')
      assert.equal(fifth.keys.at(-1)?.until, null)
    },

    'no more are remembered than can be, the oldest never forgotten': async ({ storage }) => {
      const sale = await sell(storage)
      const keys = Array.from({ length: MAX_HOST_KEYS }, (_, index) => newProofKey(`key-${index}`))
      await shared(storage, sale, keys)
      assert.deepEqual(await boundKeys(storage, sale, 'host-1'), keys)
      const late = after(400 * DAY_MS)
      assert.deepEqual(await claim(storage, sale, keyed(FIRST), after(5)), { kind: 'users-exceeded' })
      // The youngest that nobody uses any more makes room.
      outcomeOf(await claim(storage, sale, keyed(FIRST), late), 'rebound')
      assert.deepEqual(await boundKeys(storage, sale, 'host-1'), [...keys.slice(0, -1), FIRST])
      outcomeOf(await release(storage, sale, 'host-1', { trusted: true }, late), 'released')
    },
  },
}
