import { afterEach, describe, expect, it } from 'vitest'
import type { Change, ChangeSet, Query, Row, Storage, Value } from '../../src/storage/contract'
import { memoryStorage } from '../../src/storage/memory'
import { columnsOf, rowName, valuesOf } from '../../src/storage/order'
import { postgresStorage } from '../../src/storage/postgres'
import { item, link, pair, SCHEMA, TABLES } from '../../src/testing/tables'
import { scratchSchema } from '../postgres/scratch-schema'
import { createDraw, type Draw } from './verbs/draw'

const ROUNDS = 60
const SEEDS = [1, 2, 3, 4]

type Name = keyof typeof TABLES

const left: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const leave of left.splice(0).reverse()) await leave()
})

/** Draws sets and queries about few rows and few values, so that they meet. */
function createAuthor(draw: Draw) {
  const pick = <T>(list: readonly T[]): T => list[draw(list.length)] as T
  const sometimes = <T>(value: T): T | null => (draw(3) === 0 ? null : value)
  const id = () => pick(['a', 'b', 'B', 'ä', '\u{1f600}', '\uffee', 'b '])
  const number = () => pick([-1, 0, 3, 2 ** 53 - 1])
  const values = () => ({
    ...{ shelf: pick(['top', 'far']), slot: sometimes(number()), code: sometimes(id()), order: sometimes(number()) },
    ...{
      label: sometimes(id()),
      addedAt: sometimes(pick([-8.64e15, 0, 1, 8.64e15])),
      isOpen: sometimes(draw(2) === 0),
    },
    ...{ details: sometimes('{ "a":1,"a" : [2e0] }'), remark: sometimes('\u0001"\\') },
  })
  const fresh: Readonly<Record<Name, () => Row>> = {
    items: () => item(id(), values()),
    pairs: () => pair(id(), number(), number()),
    links: () => link(id(), sometimes(id())),
  }
  const tables = Object.keys(TABLES) as Name[]
  let revision = 10

  function change(known: ReadonlyMap<string, { readonly table: Name; readonly row: Row }>): Change {
    const stored = [...known.values()]
    if (stored.length === 0 || draw(3) === 0) {
      const table = pick(tables)
      return { kind: 'insert', table, row: { ...fresh[table](), revision: revision++ } }
    }
    const { table, row } = pick(stored)
    const named = {
      table,
      key: valuesOf(row, TABLES[table].key),
      revision: Number(row.revision) - (draw(8) === 0 ? 1 : 0),
    }
    const kind = pick(['update', 'update', 'update', 'guard', 'delete'] as const)
    if (kind !== 'update') return { kind, ...named }
    const columns = Object.keys(TABLES[table].columns).filter((column) => !TABLES[table].key.includes(column as never))
    const drawn = fresh[table]()
    const set = columns.filter(() => draw(3) === 0).map((column) => [column, drawn[column] ?? null] as const)
    return { kind, ...named, set: { ...Object.fromEntries(set), revision: revision++ } }
  }

  function query(depth = 0, above?: Name): Query {
    const table = above === 'items' ? pick(['links', 'pairs'] as const) : pick(tables)
    const { orders = {}, unique = {} } = TABLES[table] as { orders?: object; unique?: object }
    const by = pick([undefined, ...Object.keys(orders), ...Object.keys(unique)])
    const columns = columnsOf(TABLES[table], by)
    const some = fresh[table]()
    const isFollowing = above !== undefined && typeof some[columns[0] ?? ''] === 'string'
    const equal = columns.slice(0, isFollowing ? 1 : draw(columns.length + 1)).map((column) => some[column] ?? null)
    const walked = columns.slice(equal.length)
    const other = fresh[table]()
    const bound = (row: Row): Value | undefined => row[walked[0] ?? ''] ?? undefined
    const isUnique = by !== undefined && by in unique
    const low = bound(some)
    const high = bound(other)
    const range = {
      ...(low === undefined || draw(2) === 0 ? {} : { [pick(['from', 'above'])]: low }),
      ...(high === undefined || draw(2) === 0 ? {} : { [pick(['below', 'to'])]: high }),
    }
    const isWithCursor = draw(3) === 0 && walked.length > 0 && !isUnique
    const isRanged = walked.length > 0 && !isWithCursor && draw(3) === 0
    return {
      table,
      ...(by === undefined ? {} : { by }),
      equal: isFollowing ? [{ column: 'id' }] : equal,
      ...(isRanged ? { range } : {}),
      ...(isWithCursor ? { after: valuesOf(other, walked) } : {}),
      descending: draw(2) === 0,
      limit: pick([0, 1, 2, 5, 100]),
      ...(draw(4) === 0 ? { skip: draw(3) } : {}),
      ...(draw(3) === 0 ? { count: true } : {}),
      ...(depth < 2 && table !== 'pairs' && draw(3) === 0 ? { follow: { below: query(depth + 1, table) } } : {}),
    }
  }

  return { change, query }
}

/** A few changes, none of two about one row. */
function distinct(changes: readonly Change[], named: Set<string>): ChangeSet {
  return changes.filter((change) => {
    const key = change.kind === 'insert' ? valuesOf(change.row, TABLES[change.table as Name].key) : change.key
    const name = rowName(change.table, key)
    if (named.has(name)) return false
    named.add(name)
    return true
  })
}

async function everything(storage: Storage) {
  const names = Object.keys(TABLES) as Name[]
  const answers = await storage.read(names.map((table) => ({ table, equal: [], limit: 1000 })))
  const rows = answers.flatMap(({ rows }, index) => rows.map(({ row }) => ({ table: names[index] as Name, row })))
  return new Map(rows.map((one) => [rowName(one.table, valuesOf(one.row, TABLES[one.table].key)), one]))
}

describe('PostgreSQL beside the memory storage', () => {
  it.each(SEEDS)('answers the same queries and decides the same sets (seed %i)', async (seed) => {
    const { url, schema, drop } = await scratchSchema()
    left.push(drop)
    const storage = postgresStorage({ connectionString: url, schema })
    const model = memoryStorage()
    await storage.open(SCHEMA)
    left.push(storage.close)
    await model.open(SCHEMA)
    const draw = createDraw(seed)
    const author = createAuthor(draw)
    for (let round = 0; round < ROUNDS; round++) {
      const known = await everything(model)
      const named = new Set<string>()
      const sets = Array.from({ length: 1 + draw(4) }, () =>
        distinct(
          Array.from({ length: 1 + draw(4) }, () => author.change(known)),
          named,
        ),
      )
      // One set after the other: of two in one call that want the same, either may have it.
      for (const set of sets) {
        expect(await storage.write([set]), JSON.stringify(set)).toEqual(await model.write([set]))
      }
      expect(await everything(storage)).toEqual(await everything(model))
      const queries = Array.from({ length: 12 }, () => author.query())
      const [answers, expected] = [await storage.read(queries), await model.read(queries)]
      for (const [index, query] of queries.entries()) {
        expect(answers[index], JSON.stringify(query)).toEqual(expected[index])
      }
    }
  })
})
