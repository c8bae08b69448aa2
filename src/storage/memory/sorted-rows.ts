import type { Row, Value } from '../contract'
import { compareValues } from '../order'

const CHUNK_ROWS = 512

/** Where a row is kept: in each order the same, so that orders need not hear of a change that moves it in none. */
export interface Kept {
  row: Row
}

/** A place between two rows: before the row at `offset` of a chunk. */
interface Place {
  readonly chunk: number
  readonly offset: number
}

/** The rows of a table in one order, in chunks, so that a row comes and goes at the same cost however many there are. */
export class SortedRows {
  private readonly chunks: Kept[][] = [[]]

  constructor(readonly columns: readonly string[]) {}

  insert(kept: Kept) {
    const { chunk, offset } = this.placeOf(kept.row)
    const rows = this.chunks[chunk] as Kept[]
    rows.splice(offset, 0, kept)
    if (rows.length > CHUNK_ROWS) this.chunks.splice(chunk + 1, 0, rows.splice(CHUNK_ROWS / 2))
  }

  delete(kept: Kept) {
    const { chunk, offset } = this.placeOf(kept.row)
    const rows = this.chunks[chunk] as Kept[]
    rows.splice(offset, 1)
    if (rows.length === 0 && this.chunks.length > 1) this.chunks.splice(chunk, 1)
  }

  /**
   * The rows from the one place to the other, where a place is given by the values of the leading columns: before all rows that
   * have them, or behind.
   */
  *between(from: Bound, to: Bound, descending: boolean): Iterable<Row> {
    const start = this.place(from.values, from.behind)
    const end = this.place(to.values, to.behind)
    if (descending) yield* this.down(end, start)
    else yield* this.up(start, end)
  }

  private *up(start: Place, end: Place): Iterable<Row> {
    for (let chunk = start.chunk; chunk <= end.chunk; chunk++) {
      const rows = this.chunks[chunk] ?? []
      const last = chunk === end.chunk ? end.offset : rows.length
      for (let offset = chunk === start.chunk ? start.offset : 0; offset < last; offset++)
        yield (rows[offset] as Kept).row
    }
  }

  private *down(start: Place, end: Place): Iterable<Row> {
    for (let chunk = start.chunk; chunk >= end.chunk; chunk--) {
      const rows = this.chunks[chunk] ?? []
      const first = chunk === end.chunk ? end.offset : 0
      for (let offset = (chunk === start.chunk ? start.offset : rows.length) - 1; offset >= first; offset--) {
        yield (rows[offset] as Kept).row
      }
    }
  }

  private placeOf(row: Row): Place {
    const { columns } = this
    return this.firstPlace((other) => compareRows(other, row, columns) >= 0)
  }

  private place(values: readonly Value[], behind: boolean): Place {
    const { columns } = this
    const least = behind ? 1 : 0
    return this.firstPlace((row) => compareWith(row, columns, values) >= least)
  }

  /** The place of the first row that stands there or behind. */
  private firstPlace(isFrom: (row: Row) => boolean): Place {
    const chunk = firstIndex(0, this.chunks.length - 1, (index) => {
      const last = this.chunks[index]?.at(-1)
      return last !== undefined && isFrom(last.row)
    })
    const rows = this.chunks[chunk] as Kept[]
    return { chunk, offset: firstIndex(0, rows.length, (index) => isFrom((rows[index] as Kept).row)) }
  }
}

function compareRows(row: Row, other: Row, columns: readonly string[]): number {
  for (const column of columns) {
    const order = compareValues(row[column] ?? null, other[column] ?? null)
    if (order !== 0) return order
  }
  return 0
}

/** Compares the leading columns. */
function compareWith(row: Row, columns: readonly string[], values: readonly Value[]): number {
  for (let index = 0; index < values.length; index++) {
    const order = compareValues(row[columns[index] ?? ''] ?? null, values[index] ?? null)
    if (order !== 0) return order
  }
  return 0
}

export interface Bound {
  readonly values: readonly Value[]
  readonly behind: boolean
}

/** The first index for which `isFound` is true, as it is for all behind it; `high` where there is none. */
function firstIndex(low: number, high: number, isFound: (index: number) => boolean): number {
  let from = low
  let to = high
  while (from < to) {
    const middle = (from + to) >>> 1
    if (isFound(middle)) to = middle
    else from = middle + 1
  }
  return from
}
