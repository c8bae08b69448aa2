import assert from 'node:assert/strict'
import { MAX_LIVE_ENTRIES } from '../../../../src/domain/revoke'
import { ACCOUNT, claim, NOW, newActivation, newProofKey, release, sell } from './entities'
import { idsOf, revokedIds, takenSlots } from './observations'
import { outcomeOf, tally } from './outcomes'
import type { Race } from './race'
import { RESTING } from './spending'

const step = { now: NOW }
const TWENTY = Array.from({ length: 20 }, (_, index) => index)

/** A claim of `host` with a key, and tokens of its own. */
function keyed(name: string | number) {
  return newActivation('host', { proofKey: newProofKey(`key-${name}`), jti: `jti_${name}` })
}

/** What is raced for slots that rest, and for hosts that are bound anew. */
export const takeoverRaces: Readonly<Record<string, Race>> = {
  'a slot is surrendered once': async (first, turn) => {
    const sale = await sell(first)
    outcomeOf(await claim(first, sale, 'host'), 'created')
    const surrenders = TWENTY.map((index) => release(turn(index), sale, 'host', { rules: RESTING }))
    assert.deepEqual(tally(await Promise.all(surrenders)), { surrendered: 1, 'not-active': 19 })
    assert.equal(await takenSlots(first, sale), 1)
  },

  'a slot is released or surrendered, never both': async (first, turn) => {
    const sale = await sell(first)
    for (let round = 0; round < 10; round += 1) {
      outcomeOf(await claim(first, sale, 'host'), 'created')
      const free = () => release(turn(round), sale, 'host')
      const surrender = () => release(turn(round + 1), sale, 'host', { rules: RESTING })
      const outcomes = await Promise.all(round % 2 === 0 ? [free(), surrender()] : [surrender(), free()])
      const { released = 0, surrendered = 0, 'not-active': late = 0 } = tally(outcomes)
      assert.deepEqual([released + surrendered, late], [1, 1])
      assert.equal(await takenSlots(first, sale), surrendered)
      outcomeOf(await first.resetLicense(ACCOUNT.id, sale.target, step), 'reset')
    }
  },

  'claims among releases and surrenders leave counter and rows equal': async (first, turn) => {
    const sale = await sell(first, { maxActivations: 2 })
    for (let round = 0; round < 10; round += 1) {
      const before = await takenSlots(first, sale)
      const outcomes = await Promise.all(
        [0, 1, 2, 3].flatMap((host) => [
          claim(turn(host), sale, newActivation(`host-${host}`, { jti: `jti_${host}_${round}` })),
          release(turn(host + 1), sale, `host-${(host + round) % 4}`, host % 2 === 0 ? { rules: RESTING } : {}),
        ]),
      )
      const { created = 0, released = 0 } = tally(outcomes)
      const taken = await takenSlots(first, sale)
      assert.equal(taken, before + created - released)
      assert.ok(taken <= 2)
      // Resting slots are all that could be left in the end; they make room for the next round.
      if (round % 3 === 2) outcomeOf(await first.resetLicense(ACCOUNT.id, sale.target, step), 'reset')
    }
  },

  'a host that comes back 20 times at once takes its slot back once': async (first, turn) => {
    const sale = await sell(first, { maxActivations: 1 })
    outcomeOf(await claim(first, sale, 'host'), 'created')
    outcomeOf(await release(first, sale, 'host', { rules: RESTING }), 'surrendered')
    const claims = TWENTY.map((index) => claim(turn(index), sale, newActivation('host', { jti: `jti_${index}` })))
    assert.deepEqual(tally(await Promise.all(claims)), { resumed: 1, existing: 19 })
    assert.equal(await takenSlots(first, sale), 1)
  },

  'a slot that is freed while its host comes back is one slot all the same': async (first, turn) => {
    const sale = await sell(first, { maxActivations: 1 })
    for (let round = 0; round < 10; round += 1) {
      const { activation } = outcomeOf(await claim(first, sale, 'host'), 'created')
      outcomeOf(await release(first, sale, 'host', { rules: RESTING }), 'surrendered')
      const now = activation.tokensEndAt
      const host = { licenseId: sale.license.id, hostId: 'host' }
      const since = { lastSeenBy: now, tokensEndedBy: now }
      const free = () => turn(round).releaseUnseen(ACCOUNT.id, host, since, { now })
      const back = () => claim(turn(round + 1), sale, newActivation('host', { jti: `jti_back_${round}` }), now)
      const outcomes = await Promise.all(round % 4 < 2 ? [free(), back()] : [back(), free()])
      const kinds = Object.keys(tally(outcomes)).toSorted().join()
      assert.ok(['created,released', 'kept,resumed'].includes(kinds), kinds)
      assert.equal(await takenSlots(first, sale), 1)
      outcomeOf(await first.resetLicense(ACCOUNT.id, sale.target, step), 'reset')
    }
  },

  'of 20 keys a host shows at once each binds it, and the last stays': async (first, turn) => {
    const sale = await sell(first, { maxActivations: 1 })
    outcomeOf(await claim(first, sale, keyed('before')), 'created')
    const claims = TWENTY.map((index) => claim(turn(index), sale, keyed(index)))
    assert.deepEqual(tally(await Promise.all(claims)), { rebound: 20 })
    assert.equal(await takenSlots(first, sale), 1)
    const found = await first.findActivation(ACCOUNT.id, { ...sale.target, hostId: 'host' })
    const { activation } = outcomeOf(found, 'found')
    const last = TWENTY.find((index) => keyed(index).proofKey === activation?.proofKey)
    assert.ok(last !== undefined, 'one of them is bound')
    assert.equal(activation?.jti, `jti_${last}`)
    // As many keys as a license may have entries; never the one that is bound.
    const ofKey = (name: number | string) => idsOf([sale.license.id, 'host', keyed(name).proofKey ?? ''])[0] ?? ''
    const others = ['before', ...TWENTY.filter((index) => index !== last)].map(ofKey)
    const listed = await revokedIds(first)
    assert.equal(listed.length, MAX_LIVE_ENTRIES)
    assert.ok(listed.every((id) => others.includes(id)))
  },

  'a host that shows a new key 20 times at once is bound anew once': async (first, turn) => {
    const sale = await sell(first)
    outcomeOf(await claim(first, sale, 'host'), 'created')
    const asked = TWENTY.map((index) => ({ ...keyed('new'), jti: `jti_${index}` }))
    const outcomes = await Promise.all(asked.map((activation, index) => claim(turn(index), sale, activation)))
    assert.deepEqual(tally(outcomes), { rebound: 1, existing: 19 })
    assert.equal(await takenSlots(first, sale), 1)
  },

  'a slot is released by the key it is bound to then': async (first, turn) => {
    const sale = await sell(first)
    for (let round = 0; round < 10; round += 1) {
      outcomeOf(await claim(first, sale, keyed(`old-${round}`)), 'created')
      const { proofKey = null } = keyed(`old-${round}`)
      const free = () => release(turn(round), sale, 'host', { proofKey })
      const bind = () => claim(turn(round + 1), sale, keyed(`new-${round}`))
      const outcomes = await Promise.all(round % 4 < 2 ? [free(), bind()] : [bind(), free()])
      const kinds = Object.keys(tally(outcomes)).toSorted().join()
      assert.ok(['created,released', 'proof-required,rebound'].includes(kinds), kinds)
      assert.equal(await takenSlots(first, sale), 1)
      outcomeOf(await first.resetLicense(ACCOUNT.id, sale.target, step), 'reset')
    }
  },
}
