import assert from 'node:assert/strict'
import type { Row, Storage, Value } from '../storage/contract'
import { all, insert, inserts, one, rowsOf, store, update, valuesIn } from './asking'
import { HOSTILE_STRINGS } from './hostile-strings'
import type { ConformanceGroup, Stage } from './stage'
import { item } from './tables'

const SHORT_TEXTS = [
  ...HOSTILE_STRINGS.filter((text) => text.length <= 100),
  ...['\uffff', '\ufffe', '\ufdd0', '\ue000', '\u{10000}', '\u{10ffff}', '\u{1f468}\u200d\u{1f469}\u200d\u{1f467}'],
  ...[
    'a\u0301',
    '\u00e1',
    '\u0001\u0002\u001f\u007f',
    '\t',
    '\n',
    '\r\n',
    ' ',
    '  ',
    '0',
    '1e3',
    'NULL',
    'true',
    '\\',
    "''",
  ],
  // As long as the column is, in characters that take the most bytes.
  ...['\uffff'.repeat(100), '\u{10ffff}'.repeat(50), 'x'.repeat(100)],
]

const LONG_TEXTS = ['x'.repeat(10_000), '\uffff\u{1f600}e\u0301'.repeat(2_000), ...HOSTILE_STRINGS]

const KINDS: Readonly<Record<string, { readonly column: string; readonly values: readonly Value[] }>> = {
  'text of a stated length': { column: 'label', values: SHORT_TEXTS },
  'text of any length': { column: 'remark', values: [...LONG_TEXTS, ...SHORT_TEXTS] },
  integers: {
    column: 'order',
    values: [0, 1, -1, 2 ** 31 - 1, 2 ** 31, -(2 ** 31) - 1, 2 ** 48, 2 ** 53 - 1, -(2 ** 53) + 1],
  },
  instants: {
    column: 'addedAt',
    values: [0, 1, -1, 999, -62_135_596_800_001, 1_700_000_000_123, 253_402_300_799_999, 253_402_300_800_001].concat([
      8.64e15, -8.64e15,
    ]),
  },
  booleans: { column: 'isOpen', values: [true, false] },
  'JSON, to the last space': {
    column: 'details',
    values: [
      ...['null', 'true', '0', '""', '[]', '{}', ' { } ', '{"b":1,"a":2}', '{ "b" : 1.0,\n"a":[ 1e2, -0 ] }', '1e400'],
      ...[
        '{"a":1,"a":2}',
        '"\\u00e9\\ud83d\\ude00"',
        '"\u00e9\u{1f600}"',
        '{"__proto__":{"x":1},"":0}',
        '9007199254740993',
      ],
      `[${'"\uffff",'.repeat(5_000)}0]`,
    ],
  },
}

/** Inserted, and taken on by a row that had null, each in a row of its own. */
async function comeBack({ storage }: Stage, column: string, values: readonly Value[]) {
  const rows = [...values, null].map((value, index) => item(`${100 + index}`, { [column]: value }))
  await store(storage, inserts('items', rows))
  assert.deepEqual(await rowsOf(storage, all('items')), rows)
  const changed: Row[] = []
  for (const [index, value] of values.entries()) {
    const other = values[(index + 1) % values.length] ?? null
    const id = `${100 + index}`
    await store(storage, [update('items', [id], 1, { [column]: other })])
    assert.deepEqual(await valuesIn(storage, column, one('items', id)), [other], JSON.stringify(value).slice(0, 80))
    changed.push({ ...item(id, { [column]: other }), revision: 2 })
  }
  assert.deepEqual(await rowsOf(storage, all('items', { limit: values.length })), changed)
}

async function isFound(storage: Storage, id: string) {
  await store(storage, [insert('items', item(id, { code: id, shelf: id, label: id, slot: 1 }))])
  const expected = [{ ...item(id, { code: id, shelf: id, label: id, slot: 1 }) }]
  for (const query of [
    one('items', id),
    { ...one('items', id), by: 'code' },
    { ...one('items', id, 1), by: 'place' },
    { ...one('items', id, id), by: 'byLabel' },
    all('items', { range: { from: id, to: id } }),
  ]) {
    assert.deepEqual(await rowsOf(storage, query), expected, JSON.stringify(query))
  }
}

export const values: ConformanceGroup = {
  name: 'values',
  tests: {
    ...Object.fromEntries(
      Object.entries(KINDS).map(([name, kind]) => [
        `come back equal: ${name}`,
        (stage: Stage) => comeBack(stage, kind.column, kind.values),
      ]),
    ),

    'every text is a key, and part of a unique set and an order': async ({ storage }) => {
      const texts = [...new Set(SHORT_TEXTS)]
      for (const text of texts) await isFound(storage, text)
      assert.equal((await rowsOf(storage, all('items'))).length, texts.length)
    },

    'a row is whole, and its own': async ({ storage }) => {
      const full = { slot: 1, code: 'c', order: 2, label: '', addedAt: 3, isOpen: false, details: '{}', remark: '' }
      await store(storage, inserts('items', [item('full', full), item('empty')]))
      const [empty, stored] = await rowsOf(storage, all('items'))
      assert.deepEqual([empty, stored], [item('empty'), item('full', full)])
      assert.deepEqual(Object.keys(stored ?? {}).toSorted(), Object.keys(item('full')).toSorted())
      await store(storage, [update('items', ['full'], 1, { order: 9 })])
      assert.equal(stored?.order, 2)
    },
  },
}
