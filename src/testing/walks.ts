import assert from 'node:assert/strict'
import type { Query, Storage, Value } from '../storage/contract'
import { all, answerTo, inserts, repeat, store, valuesIn } from './asking'
import type { ConformanceGroup, Stage } from './stage'
import { item, pair } from './tables'

/** Values of each kind as they sort, null aside. */
const SORTED: Readonly<Record<string, { readonly by: string; readonly column: string; readonly values: Value[] }>> = {
  'text by code point': {
    by: 'byLabel',
    column: 'label',
    // In UTF-16 the last but three comes behind the last.
    values: [
      '',
      ' ',
      '!',
      '0',
      '10',
      '2',
      'A',
      'Z',
      'a',
      'a b',
      'aa',
      'b',
      '\u00df',
      '\u00e9',
      '\u0416',
      '\ud7ff',
    ].concat(['\ue000', '\uffff', '\u{10000}', '\u{1f600}', '\u{1f600}a', '\u{10ffff}']),
  },
  'integers by size': {
    by: 'byOrder',
    column: 'order',
    values: [-(2 ** 53) + 1, -(2 ** 31) - 1, -10, -9, -1, 0, 1, 9, 10, 2 ** 31, 2 ** 32 + 1, 2 ** 53 - 2, 2 ** 53 - 1],
  },
  'instants by size': {
    by: 'byAge',
    column: 'addedAt',
    values: [-62_167_219_200_000, -86_400_000, -1, 0, 1, 999, 1_000, 1_700_000_000_001, 253_402_300_800_000, 8.64e15],
  },
  'false before true': { by: 'byOpen', column: 'isOpen', values: [false, true] },
}

/** Rows in another order than that of the values, and three without one. */
async function storeShuffled(storage: Storage, column: string, values: readonly Value[]) {
  const rows = values.map((value, index) => item(`${(index * 7) % 29}/${index}`, { [column]: value }))
  const others = [item('elsewhere', { shelf: 'side', [column]: values[0] ?? null })]
  const without = ['null b', 'null a', 'null c'].map((id) => item(id))
  await store(storage, inserts('items', [...rows, ...without, ...others].toSorted(byId)))
}

const byId = (a: { readonly id?: Value }, b: { readonly id?: Value }) => (String(a.id) < String(b.id) ? -1 : 1)

async function sortsAndBounds({ storage }: Stage, { by, column, values }: (typeof SORTED)[string]) {
  await storeShuffled(storage, column, values)
  const shelf = all('items', { by, equal: ['top'] })
  const found = (how: Partial<Query> = {}) => valuesIn(storage, column, { ...shelf, ...how })
  assert.deepEqual(await found(), [null, null, null, ...values])
  assert.deepEqual(await found({ descending: true }), [...values.toReversed(), null, null, null])
  assert.deepEqual(await found({ range: {} }), values)
  const bounds = values.flatMap((low, index) => {
    const high = Math.min(index + 3, values.length - 1)
    return [
      { range: { from: low }, expected: values.slice(index) },
      { range: { above: low }, expected: values.slice(index + 1) },
      { range: { to: low }, expected: values.slice(0, index + 1) },
      { range: { below: low }, expected: values.slice(0, index) },
      { range: { from: low, to: values[high] ?? null }, expected: values.slice(index, high + 1) },
      { range: { above: low, below: values[high] ?? null }, expected: values.slice(index + 1, high) },
    ]
  })
  const queries = bounds.flatMap(({ range }, index) => [{ ...shelf, range, descending: index % 2 === 1, count: true }])
  for (const [index, answer] of (await storage.read(queries)).entries()) {
    const { range, expected = [] } = bounds[index] ?? {}
    const rows = answer.rows.map(({ row }) => row[column])
    assert.deepEqual(rows, index % 2 === 1 ? expected.toReversed() : expected, JSON.stringify(range))
    assert.equal(answer.count, expected.length, JSON.stringify(range))
  }
}

export const walks: ConformanceGroup = {
  name: 'orders and ranges',
  tests: {
    ...Object.fromEntries(
      Object.entries(SORTED).map(([name, sorted]) => [
        `sort ${name}, null first, and are bounded so`,
        (stage: Stage) => sortsAndBounds(stage, sorted),
      ]),
    ),

    'equal rows come by key, upwards and downwards': async ({ storage }) => {
      const ids = ['b', '\uffff', 'a', '\u{1f600}', 'c']
      await store(storage, inserts('items', ids.map((id) => item(id, { order: 1 })).concat(item('null'))))
      const sorted = ['null', 'a', 'b', 'c', '\uffff', '\u{1f600}']
      const walk = all('items', { by: 'everywhere' })
      assert.deepEqual(await valuesIn(storage, 'id', walk), sorted)
      assert.deepEqual(await valuesIn(storage, 'id', { ...walk, descending: true }), sorted.toReversed())
    },

    'a key of two columns is found by both, by the first, and between bounds of the second': async ({ storage }) => {
      const rows = ['a', 'a!', 'b'].flatMap((left) => [10, 9, -1, 100].map((right) => pair(left, right, -right)))
      await store(storage, inserts('pairs', rows))
      const rights = (how: Partial<Query>) => valuesIn(storage, 'right', all('pairs', how))
      assert.deepEqual(await rights({ equal: ['a', 9] }), [9])
      assert.deepEqual(await rights({ equal: ['a', 8] }), [])
      assert.deepEqual(await rights({ equal: ['a'] }), [-1, 9, 10, 100])
      assert.deepEqual(await rights({ equal: ['a'], range: { above: -1, to: 10 }, descending: true }), [10, 9])
      assert.deepEqual(await rights({ by: 'byAmount', equal: ['b'] }), [100, 10, 9, -1])
      assert.deepEqual(await rights({ by: 'byAmount', equal: ['b', -9] }), [9])
      const lefts = await valuesIn(storage, 'left', all('pairs', { range: { above: 'a' } }))
      assert.deepEqual(new Set(lefts), new Set(['a!', 'b']))
    },

    'null is equal to nothing': async ({ storage }) => {
      await store(storage, inserts('items', [item('a'), item('b', { order: 1 })]))
      for (const query of [
        all('items', { by: 'byOrder', equal: ['top', null], count: true }),
        all('items', { by: 'code', equal: [null], count: true }),
      ]) {
        assert.deepEqual(await answerTo(storage, query), { rows: [], count: 0 })
      }
    },

    'limit and skip, and the count without them': async ({ storage }) => {
      await store(
        storage,
        inserts(
          'items',
          repeat(20, (index) => item(`i${10 + index}`, { order: index % 5 })),
        ),
      )
      await store(storage, inserts('items', [item('elsewhere', { shelf: 'side', order: 1 })]))
      const shelf = all('items', { by: 'byOrder', equal: ['top'] })
      const whole = await valuesIn(storage, 'id', shelf)
      const part = async (how: Partial<Query>) => {
        const { rows, count } = await answerTo(storage, { ...shelf, ...how, count: true })
        return [rows.map(({ row }) => row.id), count]
      }
      assert.deepEqual(await part({ limit: 3, skip: 4 }), [whole.slice(4, 7), 20])
      assert.deepEqual(await part({ limit: 3, skip: 19 }), [whole.slice(19), 20])
      assert.deepEqual(await part({ skip: 30 }), [[], 20])
      assert.deepEqual(await part({ limit: 0 }), [[], 20])
      assert.deepEqual(await part({ range: { from: 3 }, limit: 5, descending: true }), [
        whole.toReversed().slice(0, 5),
        8,
      ])
      assert.deepEqual(await part({ after: [2, 'i17'], limit: 2, skip: 1 }), [whole.slice(11, 13), 20])
      assert.equal('count' in (await answerTo(storage, shelf)), false)
    },
  },
}
