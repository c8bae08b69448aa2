import type { Key, Query, Row, Table, Value } from '../contract'
import { columnsOf, valuesOf } from '../order'
import { type Bound, type Kept, SortedRows } from './sorted-rows'

/** The rows of one table, by name and in each of its orders. Rows are frozen: whoever reads one may keep it. */
export class MemoryTable {
  private readonly kept = new Map<string, Kept>()
  private readonly unique: readonly { readonly columns: readonly string[]; readonly taken: Map<string, Kept> }[]
  private readonly sorted: ReadonlyMap<string | undefined, SortedRows>

  /** Null in each column. */
  private readonly nothing: Row

  constructor(private readonly definition: Table) {
    this.nothing = Object.fromEntries(Object.keys(definition.columns).map((column) => [column, null]))
    const { unique = {}, orders = {} } = definition
    this.unique = Object.values(unique).map((columns) => ({ columns, taken: new Map() }))
    const walks = [undefined, ...Object.keys(unique), ...Object.keys(orders)]
    this.sorted = new Map(walks.map((by) => [by, new SortedRows(columnsOf(definition, by))]))
  }

  find(key: Key): Row | undefined {
    return this.kept.get(JSON.stringify(key))?.row
  }

  /** True where another row has what only one may have. `gone` are the names of rows that go in the same set. */
  isTaken(row: Row, isGone: (other: Row) => boolean): boolean {
    return this.unique.some(({ columns, taken }) => {
      const values = valuesOf(row, columns)
      if (values.includes(null)) return false
      const other = taken.get(JSON.stringify(values))?.row
      return other !== undefined && !isGone(other)
    })
  }

  /**
   * Puts a row there, in the place of the one with its key.
   * @param row null where the row with that key goes
   */
  put(key: Key, row: Row | null) {
    this.replace(key, row)()
  }

  /**
   * The same in two steps: lets go of what the old row has and the new one has not, in unique sets and orders. The function
   * that it returns takes the rest: between the two other rows can let go of what this one is to have.
   */
  replace(key: Key, row: Row | null): () => void {
    const name = JSON.stringify(key)
    const kept = this.kept.get(name)
    // A writer of an earlier schema does not name all columns.
    const after = row && Object.freeze({ ...this.nothing, ...row })
    const differs = (columns: readonly string[]) => !kept || !after || !isSame(kept.row, after, columns)
    const unique = this.unique.filter(({ columns }) => differs(columns))
    const sorted = [...this.sorted.values()].filter(({ columns }) => differs(columns))
    if (kept !== undefined) {
      for (const { columns, taken } of unique) taken.delete(JSON.stringify(valuesOf(kept.row, columns)))
      for (const rows of sorted) rows.delete(kept)
      if (after === null) this.kept.delete(name)
    }
    return () => {
      if (after === null) return
      const cell = kept ?? { row: after }
      cell.row = after
      if (kept === undefined) this.kept.set(name, cell)
      for (const { columns, taken } of unique) {
        const values = valuesOf(after, columns)
        if (!values.includes(null)) taken.set(JSON.stringify(values), cell)
      }
      for (const rows of sorted) rows.insert(cell)
    }
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
}

function isSame(row: Row, other: Row, columns: readonly string[]): boolean {
  return columns.every((column) => (row[column] ?? null) === (other[column] ?? null))
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
