import assert from 'node:assert/strict'
import type { ChangeSet, Storage } from '../storage/contract'
import { all, insert, inserts, one, refused, remove, store, update, valuesIn } from './asking'
import type { ConformanceGroup } from './stage'
import { item } from './tables'

/** Who has what, and that nobody else can have it. */
async function assertHolders(storage: Storage, holders: Readonly<Record<string, string>>) {
  for (const [code, id] of Object.entries(holders)) {
    assert.deepEqual(await valuesIn(storage, 'id', { ...one('items', code), by: 'code' }), [id])
    await refused(storage, [insert('items', item('intruder', { code }))])
  }
}

/** What can be done with the codes of two rows in one set, and who has them then. */
const HAND_OVERS: Readonly<
  Record<string, { readonly set: ChangeSet; readonly after: Readonly<Record<string, string>> }>
> = {
  'an update to an update': {
    set: [update('items', ['a'], 1, { code: 'z' }), update('items', ['b'], 1, { code: 'x' })],
    after: { x: 'b', z: 'a' },
  },
  'an update to null to an update': {
    set: [update('items', ['a'], 1, { code: null }), update('items', ['b'], 1, { code: 'x' })],
    after: { x: 'b' },
  },
  'each to the other': {
    set: [update('items', ['a'], 1, { code: 'y' }), update('items', ['b'], 1, { code: 'x' })],
    after: { x: 'b', y: 'a' },
  },
  'a delete to an update': {
    set: [remove('items', ['a']), update('items', ['b'], 1, { code: 'x', order: 3 })],
    after: { x: 'b' },
  },
  'a delete to an insert': {
    set: [remove('items', ['a']), insert('items', item('c', { code: 'x' }))],
    after: { x: 'c', y: 'b' },
  },
  'an update to an insert': {
    set: [update('items', ['a'], 1, { code: 'z' }), insert('items', item('c', { code: 'x' }))],
    after: { x: 'c', y: 'b', z: 'a' },
  },
  'an update to an update to an insert': {
    set: [
      update('items', ['a'], 1, { code: null }),
      update('items', ['b'], 1, { code: 'x' }),
      insert('items', item('c', { code: 'y' })),
    ],
    after: { x: 'b', y: 'c' },
  },
}

export const uniqueSets: ConformanceGroup = {
  name: 'unique sets',
  tests: {
    'null is never taken, nor a set that has null in a column': async ({ storage }) => {
      await store(storage, inserts('items', [item('a'), item('b'), item('c', { slot: 1 }), item('d')]))
      await store(storage, [insert('items', item('e', { shelf: 'far', slot: 1 }))])
      await refused(storage, [insert('items', item('f', { slot: 1 }))])
      assert.deepEqual(await valuesIn(storage, 'id', all('items', { by: 'place', equal: ['top', 1] })), ['c'])
      await store(storage, [remove('items', ['a']), update('items', ['b'], 1, { remark: 'still there' })])
      assert.deepEqual(await valuesIn(storage, 'id', all('items', { by: 'code' })), ['b', 'c', 'd', 'e'])
      assert.deepEqual(await valuesIn(storage, 'id', all('items', { by: 'place' })), ['e', 'b', 'd', 'c'])
    },

    'of two sets of one call that want the same one is written': async ({ storage }) => {
      const sets = ['a', 'b', 'c'].map((id) => inserts('items', [item(id, { code: 'x' }), item(`${id}'s`)]))
      const outcomes = await storage.write([...sets, [insert('items', item('other'))]])
      assert.deepEqual(outcomes.toSorted(), ['conflict', 'conflict', 'written', 'written'])
      const winner = ['a', 'b', 'c'][outcomes.indexOf('written')]
      assert.deepEqual(await valuesIn(storage, 'id', all('items')), [winner, `${winner}'s`, 'other'])
      await assertHolders(storage, { x: `${winner}` })
    },

    'a row keeps its own': async ({ storage }) => {
      await store(storage, [insert('items', item('a', { code: 'x', slot: 1 }))])
      await store(storage, [update('items', ['a'], 1, { code: 'x', slot: 1, order: 2 })])
      await assertHolders(storage, { x: 'a' })
      await refused(storage, [update('items', ['a'], 2, { order: 3 }), insert('items', item('b', { code: 'x' }))])
    },

    'what was let go can be had': async ({ storage }) => {
      await store(storage, inserts('items', [item('a', { code: 'x' }), item('b', { code: 'y' })]))
      await store(storage, [remove('items', ['a'])])
      await store(storage, [update('items', ['b'], 1, { code: 'z' })])
      await store(storage, inserts('items', [item('c', { code: 'x' }), item('d', { code: 'y' })]))
      await assertHolders(storage, { x: 'c', y: 'd', z: 'b' })
    },

    'alike is not equal': async ({ storage }) => {
      const codes = ['a', 'A', 'a ', ' a', '\u00e1', 'a\u0301', '\u00c1', '\uff41', 'ss', '\u00df', 'i', '\u0131', '']
      await store(
        storage,
        codes.map((code) => insert('items', item(`id ${code}`, { code }))),
      )
      await assertHolders(storage, Object.fromEntries(codes.map((code) => [code, `id ${code}`])))
    },

    ...Object.fromEntries(
      Object.entries(HAND_OVERS).flatMap(([name, { set, after }]) =>
        [set, set.toReversed()].map((changes, index) => [
          `in one set they go from ${name}${index === 0 ? '' : ', named the other way round'}`,
          async ({ storage }: { readonly storage: Storage }) => {
            await store(storage, inserts('items', [item('a', { code: 'x' }), item('b', { code: 'y' })]))
            await store(storage, changes)
            await assertHolders(storage, after)
          },
        ]),
      ),
    ),

    'a set that hands over and then fails leaves all as it was': async ({ storage }) => {
      await store(storage, inserts('items', [item('a', { code: 'x' }), item('b', { code: 'y' }), item('c')]))
      const swap = HAND_OVERS['each to the other']?.set ?? []
      await refused(storage, [...swap, update('items', ['c'], 2, { order: 1 })])
      await refused(storage, [update('items', ['c'], 1, { code: 'x' }), ...swap])
      await assertHolders(storage, { x: 'a', y: 'b' })
    },
  },
}
