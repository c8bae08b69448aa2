import assert from 'node:assert/strict'
import type { ChangeSet, Storage } from '../storage/contract'
import { createStepper } from '../storage/stepper/stepper'
import { everything, guard, insert, inserts, one, remove, repeat, store, update, valuesIn } from './asking'
import { instants } from './instants'
import { overOneAndTwoHandles, type RowRace } from './stage'
import { item, link, pair, TABLES } from './tables'

const CALLS = 16

/** Writes sets that want one thing, each in a call of its own. Exactly one is written, and leaves its mark. */
async function onlyOneWins(turn: (index: number) => Storage, wants: (index: number) => ChangeSet) {
  const mark = (index: number) => insert('links', link(`mark ${index}`))
  const outcomes = await Promise.all(repeat(CALLS, (index) => turn(index).write([[mark(index), ...wants(index)]])))
  const winners = outcomes.flat().map((outcome, index) => ({ outcome, index }))
  const [winner, ...others] = winners.filter(({ outcome }) => outcome === 'written')
  assert.ok(winner !== undefined && others.length === 0, `${others.length + 1} of ${CALLS} were written`)
  assert.deepEqual((await everything(turn(0)))[2], [link(`mark ${winner.index}`)])
  await store(turn(0), [remove('links', [`mark ${winner.index}`])])
}

/** Decides that one row's amount goes up by one. */
function increment(storage: Storage, firstRevision: number, index: number) {
  let revision = firstRevision
  const stepper = createStepper({ storage, tables: TABLES, newRevision: () => revision++, random: Math.random })
  return (row: string) =>
    stepper.run({
      queries: [one('pairs', row, 1)],
      decide: ([answer]) => {
        const before = answer?.rows[0]?.row
        const note = insertLink(`${index}: ${row} ${before?.amount}`)
        if (before === undefined) return { outcome: 'missing', changes: [] }
        const set = { amount: Number(before.amount) + 1 }
        return { outcome: 'counted', changes: [{ kind: 'update', table: 'pairs', before, set }, note] }
      },
    })
}

const insertLink = (id: string) => ({ kind: 'insert', table: 'links', row: link(id) }) as const

const races: Readonly<Record<string, RowRace>> = {
  'of sets that update one revision exactly one is written': async (first, turn) => {
    await store(first, [insert('items', item('a'))])
    for (let round = 1; round <= 5; round++) {
      await onlyOneWins(turn, (index) => [update('items', ['a'], round, { order: index })])
    }
    assert.deepEqual(await valuesIn(first, 'revision', one('items', 'a')), [6])
  },

  'of sets that insert one key exactly one is written': async (_, turn) => {
    await onlyOneWins(turn, (index) => [insert('items', item('a', { order: index }))])
  },

  'of sets that want one unique set exactly one is written': async (first, turn) => {
    await store(first, [insert('items', item('0', { code: 'old' }))])
    await onlyOneWins(turn, (index) =>
      index === 0 ? [update('items', ['0'], 1, { code: 'x' })] : [insert('items', item(`${index}`, { code: 'x' }))],
    )
  },

  'of updates and deletes of one row exactly one is written': async (first, turn) => {
    for (let round = 0; round < 5; round++) {
      await store(first, [insert('pairs', pair('a', round))])
      await onlyOneWins(turn, (index) => [
        index % 3 === 0 ? remove('pairs', ['a', round]) : update('pairs', ['a', round], 1, { amount: index }),
      ])
    }
  },

  'of two sets that each guard what the other writes exactly one is written': async (first, turn) => {
    await store(first, inserts('items', [item('a'), item('b')]))
    for (let revision = 1; revision <= 20; revision++) {
      const [one1, other] = revision % 2 ? ['a', 'b'] : ['b', 'a']
      const sets = [
        [guard('items', [`${one1}`], revision), update('items', [`${other}`], revision, {})],
        [update('items', [`${one1}`], revision, {}), guard('items', [`${other}`], revision)],
      ]
      const outcomes = await Promise.all(sets.map((set, index) => turn(index).write([set])))
      assert.deepEqual(outcomes.flat().toSorted(), ['conflict', 'written'])
      const rows = (await everything(first))[0] ?? []
      const behind = rows.filter((row) => row.revision === revision)
      await store(
        first,
        behind.map(({ id }) => update('items', [id ?? ''], revision, {})),
      )
    }
  },

  'sets about different rows are all written, guards they share notwithstanding': async (first, turn) => {
    await store(first, [
      insert('items', item('shared')),
      ...inserts(
        'pairs',
        repeat(64, (index) => pair('a', index)),
      ),
    ])
    const outcomes = await Promise.all(
      repeat(64, (index) =>
        turn(index).write([[guard('items', ['shared']), update('pairs', ['a', index], 1, { amount: 1 })]]),
      ),
    )
    assert.deepEqual(new Set(outcomes.flat()), new Set(['written']))
    assert.ok((await everything(first))[1]?.every(({ amount }) => amount === 1))
  },

  'steps that count lose and double nothing': async (first, turn) => {
    await store(
      first,
      inserts(
        'pairs',
        ['a', 'b', 'c'].map((left) => pair(left, 1)),
      ),
    )
    const counters = [0, 1].map((index) => increment(turn(index), 1_000 * (index + 1), index))
    const steps = repeat(120, (index) => counters[index % 2]?.(index % 4 === 3 ? 'b' : 'a'))
    const outcomes = await Promise.all([...steps, counters[0]?.('nobody')])
    assert.deepEqual(outcomes, [...steps.map(() => 'counted'), 'missing'])
    const [, pairs, links] = await everything(first)
    assert.deepEqual(
      pairs?.map(({ amount }) => amount),
      [90, 30, 0],
    )
    assert.equal(links?.length, 120)
  },
}

export const raceGroups = overOneAndTwoHandles('races', { ...races, ...instants })
