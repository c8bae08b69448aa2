import type { Change, ChangeSet, Query, Row, Table, Tables, Value } from '../../src/storage/contract'
import { columnsOf, isWithin } from '../../src/storage/order'
import { item, link, pair, TABLES } from '../../src/testing/tables'
import type { Draw } from './verbs/draw'

/** Few values, so that rows meet. Some sort otherwise in UTF-16. */
const TEXTS = ['a', 'A', '', 'b', '\uffff', '\u{1f600}', 'e\u0301', 'a ']
const NUMBERS = [-1, 0, 1, 2, 3, 2 ** 40]

const tables: Tables = TABLES
const names = Object.keys(tables)

export function pick<T>(draw: Draw, from: readonly T[]): T {
  return from[draw(from.length)] as T
}

function tableNamed(name: string): Table {
  return tables[name] as Table
}

function drawValue(draw: Draw, table: string, column: string, isNullable = true): Value {
  const { kind, optional } = tableNamed(table).columns[column] ?? { kind: 'integer' }
  if (isNullable && optional === true && draw(4) === 0) return null
  if (kind === 'boolean') return draw(2) === 0
  if (kind === 'json') return JSON.stringify({ n: draw(3) })
  return kind === 'text' ? pick(draw, TEXTS) : pick(draw, NUMBERS)
}

function drawRow(draw: Draw, table: string): Row {
  const values = Object.fromEntries(
    Object.keys(tableNamed(table).columns).map((column) => [column, drawValue(draw, table, column)]),
  )
  if (table === 'items') return item(String(values.id), values)
  return table === 'pairs' ? { ...pair('', 0), ...values } : { ...link(''), ...values }
}

const keyOf = (table: string, row: Row) => tableNamed(table).key.map((column) => row[column] ?? null)

/** A set about a few rows, at revisions that are mostly theirs. `stored` are all rows of a table. */
export function drawSet(draw: Draw, stored: (table: string) => readonly Row[], taken: Set<string>): ChangeSet {
  const changes: Change[] = []
  for (let count = 1 + draw(4); count > 0; count--) {
    const table = pick(draw, names)
    const kind = pick(draw, ['insert', 'insert', 'update', 'update', 'delete', 'guard'] as const)
    const rows = stored(table)
    const row = kind === 'insert' || rows.length === 0 ? drawRow(draw, table) : pick(draw, rows)
    const key = keyOf(table, row)
    const name = JSON.stringify([table, key])
    // Sets of one call change no row in common.
    if (taken.has(name)) continue
    taken.add(name)
    if (kind === 'insert') {
      changes.push({ kind, table, row })
      continue
    }
    const revision = Number(row.revision) + (draw(12) === 0 ? 1 : 0)
    if (kind !== 'update') {
      changes.push({ kind, table, key, revision })
      continue
    }
    const columns = Object.keys(tableNamed(table).columns).filter((column) => !tableNamed(table).key.includes(column))
    const set = Object.fromEntries(
      columns.filter(() => draw(2) === 0).map((column) => [column, drawValue(draw, table, column)]),
    )
    changes.push({ kind, table, key, revision, set: { ...set, revision: revision + 1 } })
  }
  return changes
}

/** Any query that the contract allows, with what it follows. */
export function drawQuery(draw: Draw, level = 0, above?: string): Query {
  const table = pick(draw, names)
  const { unique = {}, orders = {} } = tableNamed(table)
  const by = pick(draw, [undefined, ...Object.keys(unique), ...Object.keys(orders)])
  const columns = columnsOf(tableNamed(table), by)
  const equal = columns.slice(0, draw(columns.length + 1)).map((column) => {
    const references = above === undefined || draw(2) === 0 ? [] : likeColumns(table, column, above)
    if (references.length > 0) return { column: pick(draw, references) }
    return drawValue(draw, table, column)
  })
  const walked = columns.slice(equal.length)
  const range = walked[0] !== undefined && draw(3) === 0 ? drawRange(draw, table, walked[0]) : undefined
  const cursor = walked.map((column) => drawValue(draw, table, column))
  const place = { [walked[0] ?? '']: cursor[0] ?? null }
  const isCursor = walked.length > 0 && draw(3) === 0 && isWithin(place, walked, [], range)
  return {
    table,
    equal,
    limit: pick(draw, [0, 1, 2, 5, 1_000]),
    ...(by !== undefined && { by }),
    ...(range !== undefined && { range }),
    ...(draw(2) === 0 && { descending: draw(2) === 0 }),
    ...(isCursor && { after: cursor }),
    ...(draw(4) === 0 && { skip: draw(4) }),
    ...(draw(3) === 0 && { count: draw(4) > 0 }),
    ...(level < 2 && draw(3) === 0 && { follow: { one: drawQuery(draw, level + 1, table) } }),
  }
}

function likeColumns(table: string, column: string, above: string): readonly string[] {
  const kind = tableNamed(table).columns[column]?.kind
  return Object.entries(tableNamed(above).columns).flatMap(([name, other]) => (other.kind === kind ? [name] : []))
}

function drawRange(draw: Draw, table: string, column: string): NonNullable<Query['range']> {
  const value = () => drawValue(draw, table, column, false)
  return {
    ...pick(draw, [{}, { from: value() }, { above: value() }]),
    ...pick(draw, [{}, { below: value() }, { to: value() }]),
  }
}
