import assert from 'node:assert/strict'
import { ACCOUNT, claim, claimAs, NOW, sell } from './entities'
import { takenSlots } from './observations'
import { outcomeOf, tally } from './outcomes'
import type { Race } from './race'

const step = { now: NOW }

/** What is raced for slots that move. */
export const moveRaces: Readonly<Record<string, Race>> = {
  'of 20 hosts that name one previous id, one gets its slot; the others take what is free': async (first, turn) => {
    const sale = await sell(first, { maxActivations: 3 })
    outcomeOf(await claim(first, sale, 'before'), 'created')
    const claims = Array.from({ length: 20 }, (_, index) => claimAs(turn(index), sale, `host-${index}`, ['before']))
    assert.deepEqual(tally(await Promise.all(claims)), { moved: 1, created: 2, 'limit-reached': 17 })
    assert.equal(await takenSlots(first, sale), 3)
  },

  'a host that claims 20 times under a new id is moved once': async (first, turn) => {
    const sale = await sell(first)
    outcomeOf(await claim(first, sale, 'before'), 'created')
    const claims = Array.from({ length: 20 }, (_, index) => claimAs(turn(index), sale, 'host', ['before']))
    assert.deepEqual(tally(await Promise.all(claims)), { moved: 1, existing: 19 })
    assert.equal(await takenSlots(first, sale), 1)
  },

  'a slot that is released while it moves is one slot, or none': async (first, turn) => {
    const sale = await sell(first, { maxActivations: 1 })
    for (let round = 0; round < 10; round += 1) {
      outcomeOf(await claim(first, sale, 'before'), 'created')
      const release = () => turn(round).releaseActivation(ACCOUNT.id, { ...sale.target, hostId: 'before' }, step)
      const move = () => claimAs(turn(round + 1), sale, 'after', ['before'])
      const outcomes = await Promise.all(round % 2 === 0 ? [release(), move()] : [move(), release()])
      const kinds = Object.keys(tally(outcomes)).toSorted().join()
      assert.ok(['created,released', 'moved,not-active'].includes(kinds), kinds)
      assert.equal(await takenSlots(first, sale), 1)
      outcomeOf(await first.resetLicense(ACCOUNT.id, sale.target, step), 'reset')
    }
  },
}
