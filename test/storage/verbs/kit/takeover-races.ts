import assert from 'node:assert/strict'
import { ACCOUNT, claim, NOW, newActivation, newProofKey, release, sell } from './entities'
import { revokedIds, takenSlots } from './observations'
import { outcomeOf, tally } from './outcomes'
import type { Race } from './race'
import { RESTING, sharedBy } from './spending'
import { boundKeys, slotOf } from './takeovers'

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

  'of 20 keys a host shows at once each is bound, after the ones before': async (first, turn) => {
    const sale = await sell(first, { maxActivations: 1 })
    const { activation } = outcomeOf(await claim(first, sale, keyed('before')), 'created')
    const claims = TWENTY.map((index) => claim(turn(index), sale, keyed(index)))
    assert.deepEqual(tally(await Promise.all(claims)), { rebound: 20 })
    assert.equal(await takenSlots(first, sale), 1)
    const [oldest, ...younger] = await boundKeys(first, sale, 'host')
    assert.equal(oldest, keyed('before').proofKey)
    assert.deepEqual(younger.toSorted(), TWENTY.map((index) => keyed(index).proofKey).toSorted())
    // Nobody is revoked by another's coming.
    assert.equal((await slotOf(first, sale, 'host')).jti, activation.jti)
    assert.deepEqual(await revokedIds(first), [])
  },

  'of 20 keys a host shows at once as many are bound as it may have users, and one': async (first, turn) => {
    const sale = await sell(first, { maxActivations: 1 })
    outcomeOf(await claim(first, sale, keyed('before')), 'created')
    const rules = sharedBy(5)
    const claims = TWENTY.map((index) => claim(turn(index), sale, { ...keyed(index), rules }))
    assert.deepEqual(tally(await Promise.all(claims)), { rebound: 5, 'users-exceeded': 15 })
    const { keys } = await slotOf(first, sale, 'host')
    assert.equal(keys.length, 6)
    assert.deepEqual(
      keys.map(({ until }) => until !== null),
      [false, false, false, false, false, true],
    )
  },

  'a host that shows a new key 20 times at once is bound anew once': async (first, turn) => {
    const sale = await sell(first)
    outcomeOf(await claim(first, sale, 'host'), 'created')
    const asked = TWENTY.map((index) => ({ ...keyed('new'), jti: `jti_${index}` }))
    const outcomes = await Promise.all(asked.map((activation, index) => claim(turn(index), sale, activation)))
    assert.deepEqual(tally(outcomes), { rebound: 1, existing: 19 })
    assert.equal(await takenSlots(first, sale), 1)
  },

  'a slot is released by its key, or left to the one that is bound meanwhile': async (first, turn) => {
    const sale = await sell(first)
    for (let round = 0; round < 10; round += 1) {
      outcomeOf(await claim(first, sale, keyed(`old-${round}`)), 'created')
      const { proofKey = null } = keyed(`old-${round}`)
      const free = () => release(turn(round), sale, 'host', { proofKey })
      const bind = () => claim(turn(round + 1), sale, keyed(`new-${round}`))
      const outcomes = await Promise.all(round % 4 < 2 ? [free(), bind()] : [bind(), free()])
      const kinds = Object.keys(tally(outcomes)).toSorted().join()
      assert.ok(['created,released', 'kept,rebound'].includes(kinds), kinds)
      assert.equal(await takenSlots(first, sale), 1)
      assert.deepEqual(await boundKeys(first, sale, 'host'), [keyed(`new-${round}`).proofKey])
      outcomeOf(await first.resetLicense(ACCOUNT.id, sale.target, step), 'reset')
    }
  },

  'two users who give a slot up at once free it, whoever is first': async (first, turn) => {
    const sale = await sell(first)
    for (let round = 0; round < 10; round += 1) {
      for (const name of ['older', 'younger']) await claim(first, sale, keyed(name))
      const give = (name: string, at: number) =>
        release(turn(at), sale, 'host', { proofKey: newProofKey(`key-${name}`) })
      const [one, two] = round % 4 < 2 ? (['older', 'younger'] as const) : (['younger', 'older'] as const)
      const outcomes = await Promise.all([give(one, round), give(two, round + 1)])
      const kinds = Object.keys(tally(outcomes)).toSorted().join()
      assert.ok(['kept,released', 'pending,released'].includes(kinds), kinds)
      assert.equal(await takenSlots(first, sale), 0)
      outcomeOf(await first.resetLicense(ACCOUNT.id, sale.target, step), 'reset')
    }
  },
}
