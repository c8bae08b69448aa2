import assert from 'node:assert/strict'
import type { Answer, Query } from '../storage/contract'
import { all, answerTo, inserts, one, store } from './asking'
import type { ConformanceGroup, Stage } from './stage'
import { item, link, pair } from './tables'

/** Every link, the item it names, and that item's pairs with the largest amounts. */
const TO_PAIRS: Query = all('links', {
  follow: {
    item: {
      ...one('items', { column: 'item' }),
      follow: {
        largest: {
          table: 'pairs',
          by: 'byAmount',
          equal: [{ column: 'id' }],
          range: { above: 1 },
          descending: true,
          limit: 2,
          count: true,
        },
        namesakes: { table: 'items', by: 'code', equal: [{ column: 'label' }], limit: 1 },
      },
    },
  },
})

const nothing: Answer = { rows: [] }

async function setScene({ storage }: Pick<Stage, 'storage'>) {
  await store(storage, inserts('links', [link('1', 'a'), link('2'), link('3', 'b'), link('4', 'gone'), link('5', 'a')]))
  await store(storage, inserts('items', [item('a', { label: 'x' }), item('b', { code: 'x' }), item('c')]))
  await store(storage, inserts('pairs', [pair('a', 1, 1), pair('a', 2, 2), pair('a', 3, 4), pair('a', 4, 3)]))
  await store(storage, inserts('pairs', [pair('b', 1, 1), pair('c', 1, 5)]))
}

const a = {
  row: item('a', { label: 'x' }),
  followed: {
    largest: {
      rows: [pair('a', 3, 4), pair('a', 4, 3)].map((row) => ({ row, followed: {} })),
      count: 3,
    },
    namesakes: { rows: [{ row: item('b', { code: 'x' }), followed: {} }] },
  },
}
const b = { row: item('b', { code: 'x' }), followed: { largest: { rows: [], count: 0 }, namesakes: nothing } }

export const follows: ConformanceGroup = {
  name: 'following references',
  tests: {
    'two levels, from each row; null and what is not there lead to nothing': async (stage) => {
      await setScene(stage)
      const { rows } = await answerTo(stage.storage, TO_PAIRS)
      assert.deepEqual(
        rows.map(({ row, followed }) => [row.id, followed.item]),
        [
          ['1', { rows: [a] }],
          ['2', nothing],
          ['3', { rows: [b] }],
          ['4', nothing],
          ['5', { rows: [a] }],
        ],
      )
    },

    'a query is followed from the rows it answers only': async (stage) => {
      await setScene(stage)
      const { rows, count } = await answerTo(stage.storage, { ...TO_PAIRS, limit: 1, skip: 2, count: true })
      assert.deepEqual(
        { rows, count },
        { rows: [{ row: link('3', 'b'), followed: { item: { rows: [b] } } }], count: 5 },
      )
      const none = await answerTo(stage.storage, { ...TO_PAIRS, equal: ['9'] })
      assert.deepEqual(none, { rows: [] })
    },

    'back along an order, with values of its own beside those of the row': async (stage) => {
      await setScene(stage)
      const { rows } = await answerTo(stage.storage, {
        ...one('items', 'a'),
        follow: {
          links: all('links', { by: 'byItem', equal: [{ column: 'id' }], descending: true }),
          counted: { table: 'links', by: 'byItem', equal: [{ column: 'id' }], limit: 0, count: true },
          second: one('pairs', { column: 'id' }, 2),
          fixed: one('items', 'c'),
          unset: one('items', { column: 'code' }),
        },
      })
      const { links, counted, second, fixed, unset } = rows[0]?.followed ?? {}
      const found = [links, second, fixed].map((answer) => answer?.rows.map(({ row }) => row))
      assert.deepEqual(found, [[link('5', 'a'), link('1', 'a')], [pair('a', 2, 2)], [item('c')]])
      assert.deepEqual([counted, unset], [{ rows: [], count: 2 }, nothing])
    },

    'many queries in one call, equal ones too, are answered each in its place': async (stage) => {
      await setScene(stage)
      const queries = Array.from({ length: 60 }, (_, index) =>
        index % 3 === 0
          ? TO_PAIRS
          : index % 3 === 1
            ? one('items', 'abc'[index % 4] ?? 'd')
            : all('pairs', { limit: index }),
      )
      const together = await stage.storage.read(queries)
      for (const [index, query] of queries.entries()) {
        assert.deepEqual(together[index], await answerTo(stage.storage, query))
      }
    },
  },
}
