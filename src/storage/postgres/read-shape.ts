import type { Query, Table, Value } from '../contract'
import { columnsOf } from '../order'
import { everyColumn, isOptional, nameIn, orderBy, type Place, quote, tableIn, typeOf, walkOf } from './names'

/** How the JSON of an answer becomes rows. */
export interface Reader {
  readonly columns: readonly string[]
  readonly isCounted: boolean
  readonly follow: readonly (readonly [name: string, reader: Reader])[]
}

/** All queries that differ in nothing but values. */
export interface Shape {
  /** Two expressions in JSON: rows, and their count where the query asks for it. */
  readonly sql: string
  /** The types of the values, which are `q.p0`, `q.p1` and so on. */
  readonly types: readonly string[]
  readonly reader: Reader
}

const RANGE = { from: '>=', above: '>', below: '<', to: '<=' } as const
const BOUNDS = Object.keys(RANGE) as (keyof typeof RANGE)[]

/** Names the query's shape, and adds its values in the order in which {@link shapeOf} has their types. */
export function describe(query: Query, values: Value[]): string {
  const { table, by = '', equal, range, descending = false, after, limit, skip, count = false, follow = {} } = query
  const operands = equal.map((operand) => {
    if (isReference(operand)) return `.${operand.column}`
    values.push(operand)
    return '='
  })
  const bounds = range && BOUNDS.filter((bound) => range[bound] !== undefined)
  for (const bound of bounds ?? []) values.push(range?.[bound] ?? null)
  for (const value of after ?? []) if (value !== null) values.push(value)
  if (!isOne(query)) values.push(limit, skip ?? 0)
  const cursor = after?.map((value) => (value === null ? '0' : '1')).join('')
  const below = Object.entries(follow).map(([name, one]) => `${name}:${describe(one, values)}`)
  return `${table}/${by}/${operands}/${bounds}/${descending}/${cursor}/${isOne(query) ? 'one' : atMost(query)}/${count}{${below}}`
}

export function shapeOf(place: Place, query: Query): Shape {
  const types: string[] = []
  const { sql, reader } = answer(place, query, types, 0)
  return { sql, types, reader }
}

function answer(place: Place, query: Query, types: string[], depth: number): { sql: string; reader: Reader } {
  const table = tableIn(place.tables, query.table)
  const alias = `t${depth}`
  const isUnique = query.by !== undefined && table.orders?.[query.by] === undefined
  const columns = columnsOf(table, query.by)
  const walked = (isUnique ? walkOf(table, columns) : columns).slice(query.equal.length)
  // A unique row needs no order: told one, PostgreSQL may walk the table in it, in search of the row.
  const isNamed = isUnique && query.equal.length >= (table.unique?.[query.by ?? '']?.length ?? Number.POSITIVE_INFINITY)
  const param = (type: string) => `q.p${types.push(type) - 1}`
  const column = (name: string) => `${alias}.${quote(name)}`

  const within = query.equal.map((operand, index) => {
    const name = columns[index] ?? ''
    const value = isReference(operand) ? `t${depth - 1}.${quote(operand.column)}` : param(typeOf(table, name))
    return `${column(name)} = ${value}`
  })
  within.push(...bounds(query, walked[0] ?? '', table, column, param))
  const order = (isNamed ? [] : walked).map((name) => orderBy(table, name, column(name), query.descending)).join()
  const walks = behindCursor(query, walked, table, column, param).map((behind) => {
    const where = [...within, ...behind].join(' AND ') || 'true'
    const ordered = order === '' ? '' : ` ORDER BY ${order}`
    return `(SELECT * FROM ${nameIn(place, query.table)} ${alias} WHERE ${where}${ordered} LIMIT ${atMost(query)})`
  })
  const found = walks.length === 1 ? walks[0] : `(${walks.join(' UNION ALL ')})`
  // PostgreSQL plans for the power of 4 in the text, and stops where the parameter says.
  const page = isOne(query)
    ? found
    : `(SELECT * FROM ${found} ${alias} LIMIT ${param('bigint')} OFFSET ${param('bigint')})`

  const all = everyColumn(table)
  const values = all.map((name) => (typeOf(table, name) === 'json' ? `${column(name)}::text` : column(name)))
  const below = Object.entries(query.follow ?? {}).map(
    ([name, one]) => [name, answer(place, one, types, depth + 1)] as const,
  )
  const row = `json_build_array(${[...values, ...below.map(([, { sql }]) => sql)].join()})`
  const rows = `(SELECT json_agg(${row}) FROM ${page} ${alias})`
  const counted = `(SELECT count(*) FROM ${nameIn(place, query.table)} ${alias} WHERE ${within.join(' AND ') || 'true'})`
  const isCounted = query.count === true
  return {
    sql: isCounted ? `${rows}, ${counted}` : rows,
    reader: { columns: all, isCounted, follow: below.map(([name, { reader }]) => [name, reader]) },
  }
}

type Name = (column: string) => string

function bounds({ range }: Query, name: string, table: Table, column: Name, param: Name): readonly string[] {
  if (range === undefined) return []
  const set = BOUNDS.filter((bound) => range[bound] !== undefined)
  if (set.length === 0) return [`${column(name)} IS NOT NULL`]
  return set.map((bound) => `${column(name)} ${RANGE[bound]} ${param(typeOf(table, name))}`)
}

/**
 * What is true of the rows behind the cursor: one condition, or several whose rows come one after the other, each of them a
 * walk along the index. A comparison of rows does not find null, so that null takes a walk of its own.
 */
function behindCursor(
  { after, range, descending = false }: Query,
  walked: readonly string[],
  table: Table,
  column: Name,
  param: Name,
): readonly (readonly string[])[] {
  if (after === undefined) return [[]]
  const cursor = after.map((value, index) => {
    const name = walked[index] ?? ''
    const mayBeNull = isOptional(table, name) && !(index === 0 && range !== undefined)
    return { name: column(name), value: value === null ? null : param(typeOf(table, name)), mayBeNull }
  })
  const beyond = descending ? '<' : '>'
  if (cursor.every(({ value, mayBeNull }) => value !== null && !(descending && mayBeNull))) {
    const list = (key: 'name' | 'value') => cursor.map((one) => one[key]).join()
    return [[`(${list('name')}) ${beyond} (${list('value')})`]]
  }
  const walks = cursor.flatMap(({ name, value, mayBeNull }, index) => {
    const same = cursor
      .slice(0, index)
      .map((one) => (one.value === null ? `${one.name} IS NULL` : `${one.name} = ${one.value}`))
    const next: string[] = []
    if (value !== null) next.push(`${name} ${beyond} ${value}`)
    else if (!descending) next.push(`${name} IS NOT NULL`)
    if (value !== null && descending && mayBeNull) next.push(`${name} IS NULL`)
    return [next.map((one) => [...same, one])]
  })
  const found = walks.reverse().flat()
  return found.length === 0 ? [['false']] : found
}

function isReference(operand: Query['equal'][number]): operand is { readonly column: string } {
  return operand !== null && typeof operand === 'object'
}

/** True where the text of the statement can say that one row is wanted. */
function isOne({ limit, skip, after }: Query): boolean {
  return limit === 1 && skip === undefined && after === undefined
}

function atMost({ limit, skip = 0 }: Query): number {
  let power = 1
  while (power < limit + skip) power *= 4
  return power
}
