import assert from 'node:assert/strict'
import type { Change, ChangeSet } from '../storage/contract'
import { everything, guard, insert, inserts, one, remove, repeat, rowsOf, store, update } from './asking'
import type { ConformanceGroup, Stage } from './stage'
import { item, link, pair } from './tables'

/** Changes that cannot be made when {@link SCENE} is stored. */
const SPOILERS: Readonly<Record<string, readonly Change[]>> = {
  'an insert of a taken key': [insert('items', item('kept'))],
  'an update at an earlier revision': [update('items', ['kept'], 0, { order: 9 })],
  'an update at a later revision': [update('items', ['kept'], 2, { order: 9 })],
  'an update of a missing row': [update('items', ['nobody'], 1, { order: 9 })],
  'a delete at another revision': [remove('items', ['kept'], 2)],
  'a delete of a missing row': [remove('items', ['nobody'])],
  'a guard at another revision': [guard('items', ['kept'], 2)],
  'a guard of a missing row': [guard('items', ['nobody'])],
  'a guard of a composite key at another revision': [guard('pairs', ['kept', 1], 2)],
  'an insert of a taken unique set': [insert('items', item('new', { code: 'taken' }))],
  'an insert of a taken unique set of two columns': [insert('items', item('new', { shelf: 'far', slot: 1 }))],
  'an update to a taken unique set': [update('items', ['free'], 1, { code: 'taken' })],
  'two rows with one unique set': ['new', 'newer'].map((id) => insert('items', item(id, { code: 'both' }))),
}

const SCENE: ChangeSet = [
  insert('items', item('kept', { code: 'taken', shelf: 'far', slot: 1 })),
  ...inserts('items', [item('free'), item('changed', { code: 'c', order: 1, isOpen: true }), item('gone')]),
  insert('pairs', pair('kept', 1)),
]

/** Changes that can be made when the scene is stored. */
const FINE: ChangeSet = [
  update('items', ['changed'], 1, { order: 7, remark: 'changed' }),
  remove('items', ['gone']),
  insert('pairs', pair('fresh', 1)),
]

/** A set stands between two that are fine, with what spoils it at each place. */
async function isUndone({ storage }: Stage, spoiler: readonly Change[]) {
  await store(storage, SCENE)
  const before = await everything(storage)
  for (let place = 0; place <= FINE.length; place++) {
    const spoilt = [...FINE.slice(0, place), ...spoiler, ...FINE.slice(place)]
    assert.deepEqual(await storage.write([spoilt]), ['conflict'])
    assert.deepEqual(await everything(storage), before, `spoilt at ${place}`)
  }
  const fine = [insert('links', link('before')), insert('links', link('before too'))]
  const outcomes = await storage.write([fine, [...FINE, ...spoiler], [insert('links', link('behind'))]])
  assert.deepEqual(outcomes, ['written', 'conflict', 'written'])
  const [items, pairs, links] = await everything(storage)
  assert.deepEqual([items, pairs], before.slice(0, 2))
  assert.deepEqual(
    links?.map(({ id }) => id),
    ['before', 'before too', 'behind'],
  )
  await store(storage, FINE)
}

export const changeSets: ConformanceGroup = {
  name: 'change sets',
  tests: {
    'every kind of change is made, and no other': async ({ storage }) => {
      await store(storage, SCENE)
      await store(storage, [...FINE, guard('items', ['kept']), guard('pairs', ['kept', 1])])
      const [items, pairs] = await everything(storage)
      assert.deepEqual(items, [
        { ...item('changed', { code: 'c', order: 7, isOpen: true, remark: 'changed' }), revision: 2 },
        item('free'),
        item('kept', { code: 'taken', shelf: 'far', slot: 1 }),
      ])
      assert.deepEqual(pairs, [pair('fresh', 1), pair('kept', 1)])
    },

    'revisions are what the set says': async ({ storage }) => {
      const far = 2 ** 48 + 1
      await store(storage, [insert('items', { ...item('a'), revision: far })])
      await store(storage, [{ kind: 'update', table: 'items', key: ['a'], revision: far, set: { revision: 3 } }])
      assert.deepEqual(await rowsOf(storage, one('items', 'a')), [{ ...item('a'), revision: 3 }])
      assert.deepEqual(await storage.write([[update('items', ['a'], far, {})]]), ['conflict'])
    },

    'a value becomes null, and null a value': async ({ storage }) => {
      await store(storage, [insert('items', item('a', { code: 'x', isOpen: false }))])
      await store(storage, [update('items', ['a'], 1, { code: null, isOpen: null, order: 0, details: '{}' })])
      const expected = { ...item('a', { order: 0, details: '{}' }), revision: 2 }
      assert.deepEqual(await rowsOf(storage, one('items', 'a')), [expected])
    },

    'a deleted row can be inserted again': async ({ storage }) => {
      await store(storage, [insert('items', item('a', { code: 'x' }))])
      await store(storage, [remove('items', ['a'])])
      await store(storage, [insert('items', item('a', { code: 'x', order: 2 }))])
      assert.deepEqual(await rowsOf(storage, one('items', 'a')), [item('a', { code: 'x', order: 2 })])
    },

    ...Object.fromEntries(
      Object.entries(SPOILERS).map(([name, changes]) => [
        `nothing of a set is written with ${name}, all of the others`,
        (stage: Stage) => isUndone(stage, changes),
      ]),
    ),

    'several sets of one call can guard one row': async ({ storage }) => {
      await store(storage, [insert('items', item('a'))])
      const sets = repeat(5, (index) => [guard('items', ['a']), insert('links', link(`${index}`))])
      const stale = [guard('items', ['a'], 2), insert('links', link('stale'))]
      assert.deepEqual(await storage.write([...sets, stale]), [...sets.map(() => 'written'), 'conflict'])
      assert.equal((await everything(storage))[2]?.length, 5)
    },

    'a large set, and many sets, each with its own outcome in its own place': async ({ storage }) => {
      const rows = repeat(500, (index) => pair(`${index % 7}`, index))
      await store(storage, inserts('pairs', rows))
      const sets = repeat(500, (index) => [update('pairs', [`${index % 7}`, index], 1 + (index % 3 ? 0 : 1), {})])
      const expected = repeat(500, (index) => (index % 3 ? 'written' : 'conflict'))
      assert.deepEqual(await storage.write(sets), expected)
      const stored = (await everything(storage))[1] ?? []
      assert.ok(stored.every(({ right, revision }) => revision === (Number(right) % 3 ? 2 : 1)))
    },

    'no sets, or none with a change': async ({ storage }) => {
      assert.deepEqual(await storage.write([]), [])
      assert.deepEqual(await storage.write([[], []]), ['written', 'written'])
      assert.deepEqual(await storage.read([]), [])
    },
  },
}
