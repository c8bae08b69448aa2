import type { Query, Table, Value } from '../contract'
import { columnsOf } from '../order'
import { everyColumn, indexName, quote, quoteAll } from './names'

/** A statement's text, and the places in {@link boundValues} that its parameters have. */
export interface WalkText {
  readonly text: string
  readonly places: readonly number[]
}

const BOUNDS = [
  ['from', '>='],
  ['above', '>'],
  ['below', '<'],
  ['to', '<='],
] as const

/**
 * SQLite compiles a statement anew for each value of a bare parameter of LIMIT, because the value may change its plan. The plan
 * of these is fixed by their index: the plus sign hides the parameter, and a point query takes 1 µs rather than 25.
 */
const LIMIT = 'LIMIT +? OFFSET +?'

/** What a query's statement depends on, its values aside: queries of one shape share it. */
export function shapeOf({ table, by, equal, range, descending, after }: Query): string {
  const bounds = range && BOUNDS.map(([bound]) => (range[bound] === undefined ? '-' : '+')).join('')
  const cursor = after?.map((value) => (value === null ? '0' : '1')).join('')
  return `${table} ${by ?? ''} ${equal.length} ${bounds} ${cursor} ${descending}`
}

/** All values that the statements of a query can need, limit and skip last. */
export function boundValues({ range, after = [], limit, skip = 0 }: Query, equal: readonly Value[]): readonly Value[] {
  const bounds = range === undefined ? [] : BOUNDS.map(([bound]) => range[bound] ?? null)
  return [...equal, ...bounds, ...after, limit, skip]
}

/** Finds the rows of a query. */
export function selectText(query: Query, table: Table): WalkText {
  const { descending, after = [] } = query
  const columns = columnsOf(table, query.by)
  const walked = columns.slice(query.equal.length)
  const within = withinText(query, columns)
  const firstCursor = query.equal.length + (query.range === undefined ? 0 : BOUNDS.length)
  const cursor = cursorTerms(query, table, walked, firstCursor)
  const order = walked.map((column) => `${quote(column)}${descending === true ? ' DESC' : ''}`)
  const limit = firstCursor + after.length
  return {
    text: [
      `SELECT ${quoteAll(everyColumn(table))} ${fromText(query)}`,
      whereText([...within.terms, ...cursor.terms]),
      order.length === 0 ? '' : `ORDER BY ${order.join(', ')}`,
      LIMIT,
    ].join(' '),
    places: [...within.places, ...cursor.places, limit, limit + 1],
  }
}

/** Counts the rows of a query, its cursor, limit and skip aside. */
export function countText(query: Query, table: Table): WalkText {
  const { terms, places } = withinText(query, columnsOf(table, query.by))
  return { text: `SELECT count(*) ${fromText(query)} ${whereText(terms)}`, places }
}

/** Its index is named: a query is as fast as it is meant to be, or the statement cannot be prepared. */
function fromText({ table, by }: Query): string {
  return `FROM ${quote(table)} INDEXED BY ${indexName(table, by)}`
}

function whereText(terms: readonly string[]): string {
  return terms.length === 0 ? '' : `WHERE ${terms.join(' AND ')}`
}

interface Terms {
  readonly terms: readonly string[]
  readonly places: readonly number[]
}

function withinText({ equal, range }: Query, columns: readonly string[]): Terms {
  const terms = equal.map((_, index) => `${quote(columns[index] ?? '')} = ?`)
  const places = equal.map((_, index) => index)
  if (range === undefined) return { terms, places }
  const next = quote(columns[equal.length] ?? '')
  terms.push(`${next} IS NOT NULL`)
  for (const [index, [bound, operator]] of BOUNDS.entries()) {
    if (range[bound] === undefined) continue
    terms.push(`${next} ${operator} ?`)
    places.push(equal.length + index)
  }
  return { terms, places }
}

/** What lies behind the cursor. Null sorts first, and compares with nothing: where there can be one it has terms of its own. */
function cursorTerms(
  { after, descending = false }: Query,
  table: Table,
  walked: readonly string[],
  first: number,
): Terms {
  if (after === undefined || after.length === 0) return { terms: [], places: [] }
  const columns = walked.slice(0, after.length)
  const operator = descending ? '<' : '>'
  const isOptional = (column: string) => table.columns[column]?.optional === true
  if (!after.includes(null) && !(descending && columns.some(isOptional))) {
    const holes = columns.map(() => '?').join(', ')
    return {
      terms: [`(${quoteAll(columns)}) ${operator} (${holes})`],
      places: columns.map((_, index) => first + index),
    }
  }
  const places: number[] = []
  const behind = columns.flatMap((column, index) => {
    const name = quote(column)
    // Downwards nothing lies behind null, upwards everything else does.
    if (after[index] === null && descending) return []
    const equal = columns.slice(0, index).map((before, place) => {
      places.push(first + place)
      return `${quote(before)} IS ?`
    })
    if (after[index] === null) return [[...equal, `${name} IS NOT NULL`].join(' AND ')]
    places.push(first + index)
    const strictly = `${name} ${operator} ?`
    return [[...equal, descending && isOptional(column) ? `(${strictly} OR ${name} IS NULL)` : strictly].join(' AND ')]
  })
  return { terms: [`(${behind.map((term) => `(${term})`).join(' OR ') || 'FALSE'})`], places }
}
