import type { Row, Value } from '../contract'
import { compareValues, valuesOf } from '../order'

const CHUNK_ROWS = 512

/** Holds a row of a table. Another row with the same key takes its place in the holder. */
export interface Holder {
  row: Row
}

/** A place between two rows: before the row at `offset` of a chunk. */
interface Place {
  readonly chunk: number
  readonly offset: number
}

/** The rows of a table in one order, in chunks, so that a row comes and goes at the same cost however many there are. */
export class SortedRows {
  private readonly chunks: Holder[][] = [[]]

  constructor(private readonly columns: readonly string[]) {}

  insert(holder: Holder) {
    const values = valuesOf(holder.row, this.columns)
    const { chunk, offset } = this.isBehindAll(values) ? this.end() : this.place(values, false)
    const rows = this.chunks[chunk] as Holder[]
    rows.splice(offset, 0, holder)
    if (rows.length > CHUNK_ROWS) this.chunks.splice(chunk + 1, 0, rows.splice(CHUNK_ROWS / 2))
  }

  delete({ row }: Holder) {
    const { chunk, offset } = this.place(valuesOf(row, this.columns), false)
    const rows = this.chunks[chunk] as Holder[]
    rows.splice(offset, 1)
    if (rows.length === 0 && this.chunks.length > 1) this.chunks.splice(chunk, 1)
  }

  /** True where both rows stand at the same place. */
  isSamePlace(one: Row, other: Row): boolean {
    return this.columns.every((column) => one[column] === other[column])
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
      for (let offset = chunk === start.chunk ? start.offset : 0; offset < last; offset++) {
        yield (rows[offset] as Holder).row
      }
    }
  }

  private *down(start: Place, end: Place): Iterable<Row> {
    for (let chunk = start.chunk; chunk >= end.chunk; chunk--) {
      const rows = this.chunks[chunk] ?? []
      const first = chunk === end.chunk ? end.offset : 0
      for (let offset = (chunk === start.chunk ? start.offset : rows.length) - 1; offset >= first; offset--) {
        yield (rows[offset] as Holder).row
      }
    }
  }

  private place(values: readonly Value[], behind: boolean): Place {
    let [low, high] = [0, this.chunks.length - 1]
    while (low < high) {
      const middle = (low + high) >>> 1
      const last = this.chunks[middle]?.at(-1)
      if (last !== undefined && this.isFrom(last, values, behind)) high = middle
      else low = middle + 1
    }
    return { chunk: low, offset: this.offsetIn(this.chunks[low] ?? [], values, behind) }
  }

  /** The first row that stands at or behind the place, as all behind it do. */
  private offsetIn(rows: readonly Holder[], values: readonly Value[], behind: boolean): number {
    let [low, high] = [0, rows.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.isFrom(rows[middle] as Holder, values, behind)) high = middle
      else low = middle + 1
    }
    return low
  }

  /** So is each new row of an order that follows time. */
  private isBehindAll(values: readonly Value[]): boolean {
    const last = this.chunks.at(-1)?.at(-1)
    return last !== undefined && !this.isFrom(last, values, false)
  }

  private end(): Place {
    const chunk = this.chunks.length - 1
    return { chunk, offset: this.chunks[chunk]?.length ?? 0 }
  }

  /** True for a row that stands at or behind the place. */
  private isFrom({ row }: Holder, values: readonly Value[], behind: boolean): boolean {
    for (let index = 0; index < values.length; index++) {
      const order = compareValues(row[this.columns[index] as string] ?? null, values[index] ?? null)
      if (order !== 0) return order > 0
    }
    return !behind
  }
}

export interface Bound {
  readonly values: readonly Value[]
  readonly behind: boolean
}
