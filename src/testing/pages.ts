import assert from 'node:assert/strict'
import type { Query, Row, Storage, Value } from '../storage/contract'
import { all, inserts, remove, repeat, rowsOf, store } from './asking'
import type { ConformanceGroup, Stage } from './stage'
import { item, link, pair } from './tables'

/** Ways through the rows that {@link fill} stores, and the columns that a cursor on them has. */
const WALKS: Readonly<Record<string, { readonly query: Query; readonly cursor: readonly string[] }>> = {
  'a key': { query: all('items'), cursor: ['id'] },
  'a key of two columns': { query: all('pairs'), cursor: ['left', 'right'] },
  'the second column of a key': { query: all('pairs', { equal: ['b'] }), cursor: ['right'] },
  'an order without ties': { query: all('pairs', { by: 'byAmount', equal: ['b'] }), cursor: ['amount', 'right'] },
  'an order with ties and nulls': {
    query: all('items', { by: 'byOrder', equal: ['top'] }),
    cursor: ['order', 'id'],
  },
  'an order with ties in two columns': {
    query: all('items', { by: 'byOpen', equal: ['top'] }),
    cursor: ['isOpen', 'order', 'id'],
  },
  'an order of everything': { query: all('items', { by: 'everywhere' }), cursor: ['order', 'id'] },
  'an order within bounds': {
    query: all('items', { by: 'byOrder', equal: ['top'], range: { from: 1, below: 4 } }),
    cursor: ['order', 'id'],
  },
  'ties in a reference': { query: all('links', { by: 'byItem' }), cursor: ['item', 'id'] },
  'a unique set with nulls': { query: all('items', { by: 'code' }), cursor: ['code', 'id'] },
  'a unique set of two columns with nulls': { query: all('items', { by: 'place' }), cursor: ['shelf', 'slot', 'id'] },
}

async function fill(storage: Storage) {
  const items = repeat(48, (index) =>
    item(`${(index * 29) % 48}`, {
      shelf: index % 6 === 5 ? 'side' : 'top',
      order: index % 5 === 0 ? null : index % 5,
      isOpen: [null, false, true][index % 3] ?? null,
      code: index % 4 === 0 ? `${index}` : null,
      slot: index % 3 === 0 ? index : null,
    }),
  )
  await store(storage, inserts('items', items))
  const pairs = repeat(40, (index) => pair(['a', 'b', 'c'][index % 3] ?? '', (index * 17) % 40, index % 4))
  await store(storage, inserts('pairs', pairs))
  const links = repeat(30, (index) => link(`${index}`, [null, '1', '2'][index % 3]))
  await store(storage, inserts('links', links))
}

/** Turns the pages of so many rows. `meanwhile` happens before each but the first. */
async function turn(
  storage: Storage,
  query: Query,
  cursor: readonly string[],
  meanwhile?: (page: readonly Row[]) => Promise<void>,
) {
  const found: Row[] = []
  for (let after: readonly Value[] | undefined; ; ) {
    const page = await rowsOf(storage, { ...query, limit: 4, ...(after && { after }) })
    found.push(...page)
    const last = page.at(-1)
    if (last === undefined || found.length > 200) return found
    after = cursor.map((column) => last[column] ?? null)
    await meanwhile?.(page)
  }
}

async function turnsTo(storage: Storage, { query, cursor }: (typeof WALKS)[string]) {
  await fill(storage)
  const upwards = await rowsOf(storage, query)
  assert.ok(upwards.length > 8)
  for (const descending of [false, true]) {
    const whole = await rowsOf(storage, { ...query, descending })
    assert.deepEqual(whole, descending ? upwards.toReversed() : upwards)
    assert.deepEqual(await turn(storage, { ...query, descending }, cursor), whole)
  }
}

/** Between pages the last row seen goes, so that the cursor stands on nothing, and rows come before and behind it. */
async function staysWhole({ storage }: Stage, descending: boolean) {
  await fill(storage)
  const query = all('items', { by: 'byOrder', equal: ['top'], descending })
  const before = (await rowsOf(storage, query)).map(({ id }) => id)
  const gone = new Set<Value | undefined>()
  let turns = 0
  const found = await turn(storage, query, ['order', 'id'], async (page) => {
    const last = page.at(-1)?.id ?? ''
    if (gone.has(last) || !before.includes(last)) return
    gone.add(last)
    turns += 1
    const come = [null, 1, 4].map((order) => item(`new ${turns} ${order}`, { order }))
    await store(storage, [remove('items', [last]), ...inserts('items', come)])
  })
  const ids = found.map(({ id }) => id)
  assert.ok(turns > 5)
  assert.equal(new Set(ids).size, ids.length)
  assert.deepEqual(
    ids.filter((id) => before.includes(id ?? '')),
    before,
  )
}

export const pages: ConformanceGroup = {
  name: 'pages',
  tests: {
    ...Object.fromEntries(
      Object.entries(WALKS).map(([name, walk]) => [
        `through ${name} neither repeat nor miss, upwards and downwards`,
        ({ storage }: Stage) => turnsTo(storage, walk),
      ]),
    ),
    'neither repeat nor miss while rows come and go': (stage) => staysWhole(stage, false),
    'neither repeat nor miss while rows come and go, downwards': (stage) => staysWhole(stage, true),
  },
}
