import type { Key, Query, Row, Table, Value } from '../contract'
import { columnsOf, keyName, valuesOf } from '../order'
import { type Bound, type Holder, SortedRows } from './sorted-rows'

/** Values of a unique set that a row is to have, and the row that has them now. */
export interface Wanted {
  readonly set: string
  readonly values: Value
  readonly owner: Row | undefined
}

interface UniqueSet {
  readonly columns: readonly string[]
  readonly holders: Map<Value, Holder>
}

/** The rows of one table, by name and in each of its orders. Rows are frozen: whoever reads one may keep it. */
export class MemoryTable {
  private readonly holders = new Map<Value, Holder>()
  private readonly unique: ReadonlyMap<string, UniqueSet>
  private readonly sorted: ReadonlyMap<string | undefined, SortedRows>

  /** Null in each column. */
  private readonly nothing: Row

  constructor(private readonly definition: Table) {
    this.nothing = Object.fromEntries(Object.keys(definition.columns).map((column) => [column, null]))
    const { unique = {}, orders = {} } = definition
    this.unique = new Map(Object.entries(unique).map(([name, columns]) => [name, { columns, holders: new Map() }]))
    const walks = [undefined, ...Object.keys(unique), ...Object.keys(orders)]
    this.sorted = new Map(walks.map((by) => [by, new SortedRows(columnsOf(definition, by))]))
  }

  keyOf(row: Row): Key {
    return valuesOf(row, this.definition.key)
  }

  find(key: Key): Row | undefined {
    return this.holders.get(keyName(key))?.row
  }

  /** What the row wants that no other may have, where it differs from what the row had before. */
  *wants(row: Row, before: Row | undefined): Iterable<Wanted> {
    for (const [set, { columns, holders }] of this.unique) {
      if (before !== undefined && isEqual(row, before, columns)) continue
      const values = uniqueName(row, columns)
      if (values !== undefined) yield { set, values, owner: holders.get(values)?.row }
    }
  }

  /** True where the row has these values. */
  has(row: Row, { set, values }: Wanted): boolean {
    const columns = this.unique.get(set)?.columns
    return columns !== undefined && uniqueName(row, columns) === values
  }

  /** The row with all columns: a writer of an earlier schema does not name all of them. */
  complete(row: Row): Row {
    return { ...this.nothing, ...row }
  }

  /** Of rows that hand over what only one may have, each can be put before or after the other. */
  put(row: Row) {
    const frozen = Object.freeze(row)
    const name = keyName(this.keyOf(frozen))
    const holder = this.holders.get(name)
    if (holder !== undefined) return this.replace(holder, frozen)
    const made = { row: frozen }
    this.holders.set(name, made)
    for (const set of this.unique.values()) hold(set, made)
    for (const rows of this.sorted.values()) rows.insert(made)
  }

  remove(row: Row) {
    const name = keyName(this.keyOf(row))
    const holder = this.holders.get(name)
    if (holder === undefined) return
    this.holders.delete(name)
    for (const set of this.unique.values()) letGo(set, holder)
    for (const rows of this.sorted.values()) rows.delete(holder)
  }

  /** Mostly a row stays where it is in nearly all orders. */
  private replace(holder: Holder, row: Row) {
    const sets = [...this.unique.values()].filter(({ columns }) => !isEqual(row, holder.row, columns))
    const moved = [...this.sorted.values()].filter((rows) => !rows.isSamePlace(row, holder.row))
    for (const set of sets) letGo(set, holder)
    for (const rows of moved) rows.delete(holder)
    holder.row = row
    for (const set of sets) hold(set, holder)
    for (const rows of moved) rows.insert(holder)
  }

  select(query: Query, equal: readonly Value[]): { readonly rows: readonly Row[]; readonly count?: number } {
    const nothing = query.count === true ? { rows: [], count: 0 } : { rows: [] }
    if (equal.includes(null)) return nothing
    const { descending = false, skip = 0, limit } = query
    if (query.by === undefined && equal.length === this.definition.key.length && limit > 0 && skip === 0) {
      const row = this.find(equal)
      return row === undefined ? nothing : query.count === true ? { rows: [row], count: 1 } : { rows: [row] }
    }
    const set = this.setNamed(query, equal)
    if (set !== undefined) {
      const owner = set.holders.get(keyName(equal))?.row
      if (owner === undefined) return nothing
      return query.count === true ? { rows: [owner], count: 1 } : { rows: [owner] }
    }
    const sorted = this.sorted.get(query.by)
    if (sorted === undefined) throw new Error(`There is no order or unique set ${query.by}`)
    const [from, to] = boundsOf(query, equal)
    const rows: Row[] = []
    let passed = 0
    for (const row of sorted.between(...behindCursor(query, equal, from, to), descending)) {
      if (rows.length === limit) break
      if (passed >= skip) rows.push(row)
      passed += 1
    }
    if (query.count !== true) return { rows }
    let count = 0
    for (const _ of sorted.between(from, to, false)) count += 1
    return { rows, count }
  }

  /** The unique set whose values a query names one and all: one row has them, or none. Undefined for other queries. */
  private setNamed({ by, skip = 0, limit, after, range }: Query, equal: readonly Value[]): UniqueSet | undefined {
    const set = by === undefined ? undefined : this.unique.get(by)
    if (limit === 0 || skip > 0 || after !== undefined || range !== undefined) return undefined
    return set?.columns.length === equal.length ? set : undefined
  }
}

function isEqual(one: Row, other: Row, columns: readonly string[]): boolean {
  return columns.every((column) => one[column] === other[column])
}

/** Undefined where one of the columns is null: such rows are not compared. */
function uniqueName(row: Row, columns: readonly string[]): Value | undefined {
  const values = valuesOf(row, columns)
  return values.includes(null) ? undefined : keyName(values)
}

function hold({ columns, holders }: UniqueSet, holder: Holder) {
  const name = uniqueName(holder.row, columns)
  if (name !== undefined) holders.set(name, holder)
}

/** Another row of the same set may have it already. */
function letGo({ columns, holders }: UniqueSet, holder: Holder) {
  const name = uniqueName(holder.row, columns)
  if (name !== undefined && holders.get(name) === holder) holders.delete(name)
}

/** The places between which all rows lie that the query is about. */
function boundsOf({ range }: Query, equal: readonly Value[]): [Bound, Bound] {
  if (range === undefined)
    return [
      { values: equal, behind: false },
      { values: equal, behind: true },
    ]
  const { from, above, below, to } = range
  // Null lies within no bounds, and sorts before everything.
  const low: Bound =
    from !== undefined && above === undefined
      ? { values: [...equal, from], behind: false }
      : { values: [...equal, above ?? null], behind: true }
  const high: Bound =
    below !== undefined
      ? { values: [...equal, below], behind: false }
      : { values: to === undefined ? equal : [...equal, to], behind: true }
  return [low, high]
}

function behindCursor({ after, descending }: Query, equal: readonly Value[], from: Bound, to: Bound): [Bound, Bound] {
  if (after === undefined) return [from, to]
  const cursor = [...equal, ...after]
  return descending === true ? [from, { values: cursor, behind: false }] : [{ values: cursor, behind: true }, to]
}
