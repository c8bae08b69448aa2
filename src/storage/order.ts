import type { Key, Query, Row, Table, Value } from './contract'

/** How values sort, in every engine: null first, then by size; text by code point. */
export function compareValues(a: Value, b: Value): number {
  if (a === b) return 0
  if (a === null) return -1
  if (b === null) return 1
  if (typeof a === 'string' && typeof b === 'string') return compareText(a, b)
  return a < b ? -1 : 1
}

export function compareLists(a: readonly Value[], b: readonly Value[]): number {
  const shared = Math.min(a.length, b.length)
  for (let index = 0; index < shared; index++) {
    const order = compareValues(a[index] ?? null, b[index] ?? null)
    if (order !== 0) return order
  }
  return a.length - b.length
}

/** UTF-16 puts U+E000 to U+FFFF behind the surrogates, which stand for what comes after them. */
function compareText(a: string, b: string): number {
  const shared = Math.min(a.length, b.length)
  for (let index = 0; index < shared; index++) {
    const one = a.charCodeAt(index)
    const other = b.charCodeAt(index)
    if (one !== other) return rank(one) - rank(other)
  }
  return a.length - b.length
}

function rank(unit: number): number {
  if (unit < 0xd800) return unit
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800
}

/** The columns that a query walks: its leading ones are compared with `equal`. */
export function columnsOf(table: Table, by: string | undefined): readonly string[] {
  if (by === undefined) return table.key
  const order = table.orders?.[by]
  if (order !== undefined) return order
  const unique = table.unique?.[by]
  if (unique === undefined) throw new Error(`There is no order or unique set ${by}`)
  return [...unique, ...table.key.filter((column) => !unique.includes(column))]
}

export function valuesOf(row: Row, columns: readonly string[]): readonly Value[] {
  return columns.map((column) => row[column] ?? null)
}

/** A row's name: text, so that it can be the key of a map. No other key of the table has it, whatever its strings hold. */
export function rowName(table: string, key: Key): string {
  let name = table
  // Twice as fast as JSON: each step makes a name for each of its rows.
  for (const value of key) name += typeof value === 'string' ? `${value.length}:${value}` : `#${value};`
  return name
}

/** A key as a map of one table has it: no other key of the table is equal to it. */
export function keyName(key: Key): Value {
  const [only = null] = key
  return key.length === 1 ? only : rowName('', key)
}

/** True when a row lies where the query looks, its cursor aside. `equal` is what the operands have become. */
export function isWithin(
  row: Row,
  columns: readonly string[],
  equal: readonly Value[],
  range: Query['range'],
): boolean {
  if (!equal.every((value, index) => value !== null && row[columns[index] ?? ''] === value)) return false
  if (range === undefined) return true
  const value = row[columns[equal.length] ?? ''] ?? null
  if (value === null) return false
  const { from, above, below, to } = range
  if (from !== undefined && compareValues(value, from) < 0) return false
  if (above !== undefined && compareValues(value, above) <= 0) return false
  if (below !== undefined && compareValues(value, below) >= 0) return false
  return to === undefined || compareValues(value, to) <= 0
}
