import assert from 'node:assert/strict'
import type { Store } from '../../../../src/storage/verbs/store'
import { MOVES, ROOM, spendAll } from './allowances'
import { ACCOUNT, NOW, type Sale, sell, sellMore } from './entities'
import { outcomeOf, tally } from './outcomes'
import { overOneHandle, overTwoHandles, type Races } from './race'
import { spendOn } from './spending'
import type { ConformanceGroup } from './stage'

/** So many at once, of a unit each, or of the units given. */
function spendings(
  turn: (index: number) => Store,
  { license, target }: Sale,
  count: number,
  { unitOf = (index: number) => index, name = MOVES.name } = {},
) {
  return Array.from({ length: count }, (_, index) =>
    spendOn(turn(index), ACCOUNT.id, target, { ...MOVES, name }, `${license.id} ${name} ${unitOf(index)}`, NOW),
  )
}

/** What is raced: over one handle in `allowanceRaces`, over two in `sharedAllowances`. */
const races: Races = {
  'of 50 units at once as many are spent as the limit says': async (first, turn) => {
    const sale = await sell(first, ROOM)
    const outcomes = await Promise.all(spendings(turn, sale, 50))
    assert.deepEqual(tally(outcomes), { spent: MOVES.limit, exhausted: 50 - MOVES.limit })
    assert.deepEqual(await spendAll(first, sale, ['late']), ['exhausted'])
  },

  'one unit spent 50 times at once counts once': async (first, turn) => {
    const sale = await sell(first, ROOM)
    const outcomes = await Promise.all(spendings(turn, sale, 50, { unitOf: () => 0 }))
    assert.deepEqual(tally(outcomes), { spent: 50 })
    assert.deepEqual(await spendAll(first, sale, ['a', 'b', 'c']), ['spent', 'spent', 'exhausted'])
  },

  'names and licenses do not get into each other’s way': async (first, turn) => {
    const sale = await sell(first, ROOM)
    const other = await sellMore(first, sale.product, 'two', ROOM)
    const outcomes = await Promise.all([
      ...spendings(turn, sale, 10),
      ...spendings(turn, sale, 10, { name: 'frees' }),
      ...spendings(turn, other, 10),
    ])
    assert.deepEqual(tally(outcomes), { spent: 3 * MOVES.limit, exhausted: 30 - 3 * MOVES.limit })
  },

  'a reset among them forgets those before it, and none after': async (first, turn) => {
    const sale = await sell(first, ROOM)
    const [reset, ...outcomes] = await Promise.all([
      turn(1).resetLicense(ACCOUNT.id, sale.target, { now: NOW }),
      ...spendings(turn, sale, 20),
    ])
    outcomeOf(reset, 'reset')
    const { spent = 0, exhausted = 0 } = tally(outcomes)
    assert.equal(spent + exhausted, 20)
    assert.ok(spent >= MOVES.limit && spent <= 2 * MOVES.limit, `${spent} were spent`)
  },

  'nothing is left of a license deleted among them': async (first, turn) => {
    const sale = await sell(first, ROOM)
    const [deleted, ...outcomes] = await Promise.all([
      turn(1).deleteLicense(ACCOUNT.id, sale.target, { now: NOW }),
      ...spendings(turn, sale, 20),
    ])
    outcomeOf(deleted, 'deleted')
    const { spent = 0, exhausted = 0, gone = 0 } = tally(outcomes)
    assert.equal(spent + exhausted + gone, 20)
    assert.ok(spent <= MOVES.limit, `${spent} were spent`)
    const again = await first.insertLicenses(ACCOUNT.id, { licenses: [sale.license] }, { now: NOW })
    outcomeOf(again, 'created')
    assert.deepEqual(await spendAll(first, sale, ['a', 'b', 'c', 'd']), ['spent', 'spent', 'spent', 'exhausted'])
  },
}

export const allowanceRaces: ConformanceGroup = {
  name: 'races for allowances',
  tests: overOneHandle(races),
}

export const sharedAllowances: ConformanceGroup = {
  name: 'races for allowances over two handles',
  needs: ['shared-store'],
  tests: overTwoHandles(races),
}
