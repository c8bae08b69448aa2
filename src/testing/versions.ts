import assert from 'node:assert/strict'
import type { Row, Schema, Storage } from '../storage/contract'
import { all, everything, insert, inserts, one, repeat, rowsOf, store, update } from './asking'
import type { ConformanceGroup } from './stage'
import { item, LATER_SCHEMA, link, SCHEMA, TABLES } from './tables'

const IS_INCOMPATIBLE = { code: 'STORAGE_INCOMPATIBLE' }

export const versions: ConformanceGroup = {
  name: 'versions of the schema',
  needs: ['persistence'],
  tests: {
    'a store of an earlier version keeps its rows, and has what is new': async ({ storage, reopen }) => {
      const [a, b] = [item('a', { code: 'x', slot: 2 }), item('b', { addedAt: 0 })]
      await store(storage, [...inserts('items', [a, b]), insert('links', link('c', 'a'))])
      await hasWhatIsNew(await reopen(LATER_SCHEMA), [a, b])
      // Once more: it is of this version now.
      const again = await reopen(LATER_SCHEMA)
      assert.deepEqual((await rowsOf(again, one('items', 'b')))[0], { ...b, ...NEW, endsAt: 5, revision: 2 })
      assert.deepEqual(await rowsOf(again, one('links', 'c')), [link('c', 'a')])
    },

    'a store of a later version is refused, and left as it is': async ({ storage, reopen }) => {
      await store(storage, inserts('items', [item('a')]))
      const later = await reopen(LATER_SCHEMA)
      await store(later, [insert('marks', { id: 'm', revision: 1 })])
      await assert.rejects(reopen(SCHEMA), IS_INCOMPATIBLE)
      assert.deepEqual(await rowsOf(await reopen(LATER_SCHEMA), one('marks', 'm')), [{ id: 'm', revision: 1 }])
    },

    'other tables of the same version are refused, and the store is left as it is': async ({ storage, reopen }) => {
      await store(storage, inserts('items', [item('a')]))
      const before = await everything(storage)
      const { links: _, ...fewer } = TABLES
      const others: readonly Schema[] = [
        { version: SCHEMA.version, tables: LATER_SCHEMA.tables },
        { version: SCHEMA.version, tables: fewer },
        { version: SCHEMA.version + 1, tables: fewer },
      ]
      for (const schema of others) await assert.rejects(reopen(schema), IS_INCOMPATIBLE)
      assert.deepEqual(await everything(await reopen()), before)
    },
  },
}

export const versionsTogether: ConformanceGroup = {
  name: 'versions of the schema, several handles',
  needs: ['persistence', 'shared-store'],
  tests: {
    'bring a store up to date at once; a handle of before goes on': async ({ storage, openTogether }) => {
      await store(storage, inserts('items', [item('a'), item('b', { addedAt: 0 })]))
      const handles = await openTogether(4, LATER_SCHEMA)
      const outcomes = await Promise.all(handles.map((one) => one.write([[insert('marks', { id: 'm', revision: 1 })]])))
      assert.deepEqual(outcomes.flat().toSorted(), ['conflict', 'conflict', 'conflict', 'written'])
      await store(storage, [update('items', ['a'], 1, { order: 7 }), insert('items', item('c'))])
      const [found] = await rowsOf(handles[0] as Storage, one('items', 'c'))
      assert.deepEqual(found, { ...item('c'), ...NEW })
    },
  },
}

const NEW = { serial: null, endsAt: null }

async function hasWhatIsNew(later: Storage, rows: readonly [Row, Row]) {
  assert.deepEqual(
    await rowsOf(later, all('items')),
    rows.map((row) => ({ ...row, ...NEW })),
  )
  const [first, second] = rows
  const byEnd = all('items', { by: 'byEnd', equal: ['top'] })
  assert.deepEqual(
    (await rowsOf(later, byEnd)).map(({ id }) => id),
    [first.id, second.id],
  )
  await store(later, [
    update('items', [first.id ?? ''], 1, { serial: 's' }),
    update('items', [second.id ?? ''], 1, { endsAt: 5 }),
  ])
  const taken = repeat(2, (index) => [
    insert('items', { ...item(`new ${index}`), ...NEW, serial: index === 0 ? 's' : 't' }),
  ])
  assert.deepEqual(await later.write(taken), ['conflict', 'written'])
  assert.deepEqual(
    (await rowsOf(later, all('items', { by: 'byCode', equal: ['top'] }))).map(({ id }) => id),
    ['b', 'new 1', 'a'],
  )
  await store(later, [insert('marks', { id: 'm', revision: 1 })])
}
