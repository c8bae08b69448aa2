import type { Row, Value } from '../contract'
import { compareLists, valuesOf } from '../order'

const CHUNK_ROWS = 512

/** A place between two rows: before the row at `offset` of a chunk. */
interface Place {
  readonly chunk: number
  readonly offset: number
}

/** The rows of a table in one order, in chunks, so that a row comes and goes at the same cost however many there are. */
export class SortedRows {
  private readonly chunks: Row[][] = [[]]

  constructor(private readonly columns: readonly string[]) {}

  insert(row: Row) {
    const { chunk, offset } = this.place(valuesOf(row, this.columns), false)
    const rows = this.chunks[chunk] as Row[]
    rows.splice(offset, 0, row)
    if (rows.length > CHUNK_ROWS) this.chunks.splice(chunk + 1, 0, rows.splice(CHUNK_ROWS / 2))
  }

  delete(row: Row) {
    const { chunk, offset } = this.place(valuesOf(row, this.columns), false)
    const rows = this.chunks[chunk] as Row[]
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
      for (let offset = chunk === start.chunk ? start.offset : 0; offset < last; offset++) yield rows[offset] as Row
    }
  }

  private *down(start: Place, end: Place): Iterable<Row> {
    for (let chunk = start.chunk; chunk >= end.chunk; chunk--) {
      const rows = this.chunks[chunk] ?? []
      const first = chunk === end.chunk ? end.offset : 0
      for (let offset = (chunk === start.chunk ? start.offset : rows.length) - 1; offset >= first; offset--) {
        yield rows[offset] as Row
      }
    }
  }

  private place(values: readonly Value[], behind: boolean): Place {
    const chunk = firstIndex(0, this.chunks.length - 1, (index) => {
      const rows = this.chunks[index] as Row[]
      return rows.length > 0 && this.isFrom(rows[rows.length - 1] as Row, values, behind)
    })
    const rows = this.chunks[chunk] as Row[]
    return { chunk, offset: firstIndex(0, rows.length, (index) => this.isFrom(rows[index] as Row, values, behind)) }
  }

  /** True for a row that stands at or behind the place. */
  private isFrom(row: Row, values: readonly Value[], behind: boolean): boolean {
    const order = compareLists(valuesOf(row, this.columns.slice(0, values.length)), values)
    return behind ? order > 0 : order >= 0
  }
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
