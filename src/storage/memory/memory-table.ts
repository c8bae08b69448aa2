import type { Key, Query, Row, Table, Value } from '../contract'
import { columnsOf, valuesOf } from '../order'
import { type Bound, SortedRows } from './sorted-rows'

/** The rows of one table, by name and in each of its orders. Rows are frozen: whoever reads one may keep it. */
export class MemoryTable {
  private readonly rows = new Map<string, Row>()
  private readonly unique: readonly { readonly columns: readonly string[]; readonly rows: Map<string, Row> }[]
  private readonly sorted: ReadonlyMap<string | undefined, SortedRows>

  /** Null in each column. */
  private readonly nothing: Row

  constructor(private readonly definition: Table) {
    this.nothing = Object.fromEntries(Object.keys(definition.columns).map((column) => [column, null]))
    const { unique = {}, orders = {} } = definition
    this.unique = Object.values(unique).map((columns) => ({ columns, rows: new Map() }))
    const walks = [undefined, ...Object.keys(unique), ...Object.keys(orders)]
    this.sorted = new Map(walks.map((by) => [by, new SortedRows(columnsOf(definition, by))]))
  }

  find(key: Key): Row | undefined {
    return this.rows.get(JSON.stringify(key))
  }

  /** True where another row has what only one may have. `gone` are the names of rows that go in the same set. */
  isTaken(row: Row, isGone: (other: Row) => boolean): boolean {
    return this.unique.some(({ columns, rows }) => {
      const values = valuesOf(row, columns)
      if (values.includes(null)) return false
      const other = rows.get(JSON.stringify(values))
      return other !== undefined && !isGone(other)
    })
  }

  put(row: Row) {
    this.remove(valuesOf(row, this.definition.key))
    // A writer of an earlier schema does not name all columns.
    const frozen = Object.freeze({ ...this.nothing, ...row })
    this.rows.set(this.nameOf(frozen), frozen)
    for (const { columns, rows } of this.unique) {
      const values = valuesOf(frozen, columns)
      if (!values.includes(null)) rows.set(JSON.stringify(values), frozen)
    }
    for (const rows of this.sorted.values()) rows.insert(frozen)
  }

  remove(key: Key) {
    const row = this.find(key)
    if (row === undefined) return
    this.rows.delete(JSON.stringify(key))
    for (const { columns, rows } of this.unique) rows.delete(JSON.stringify(valuesOf(row, columns)))
    for (const rows of this.sorted.values()) rows.delete(row)
  }

  select(query: Query, equal: readonly Value[]): { readonly rows: readonly Row[]; readonly count?: number } {
    const nothing = query.count === true ? { rows: [], count: 0 } : { rows: [] }
    if (equal.includes(null)) return nothing
    const { descending = false, skip = 0, limit } = query
    if (query.by === undefined && equal.length === this.definition.key.length && limit > 0 && skip === 0) {
      const row = this.find(equal)
      return row === undefined ? nothing : query.count === true ? { rows: [row], count: 1 } : { rows: [row] }
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

  private nameOf(row: Row): string {
    return JSON.stringify(valuesOf(row, this.definition.key))
  }
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
