import { describe, expect, it } from 'vitest'
import type { Table } from '../../src/storage/contract'
import { columnsOf } from '../../src/storage/order'
import { SCHEMA } from '../../src/storage/tables'

/** What a UTF-16 unit takes at most in UTF-8, and a character where a database counts four bytes for each. */
const UTF8_BYTES = 3
const MYSQL_BYTES = 4
const NUMBER_BYTES = 8
/** Lengths and padding of a value. */
const VALUE_BYTES = 8

/** The longest entry that an index of the table can have. */
function longestEntry(table: Table, columns: readonly string[], bytesPerUnit: number): number {
  return columns.reduce((sum, name) => {
    const column = table.columns[name]
    const isText = column?.kind === 'text' || column?.kind === 'json'
    return sum + VALUE_BYTES + (isText ? (column.length ?? Number.POSITIVE_INFINITY) * bytesPerUnit : NUMBER_BYTES)
  }, 0)
}

describe('what is indexed', () => {
  const indexes = Object.entries(SCHEMA.tables as Readonly<Record<string, Table>>).flatMap(([name, table]) =>
    [undefined, ...Object.keys({ ...table.unique, ...table.orders })].map((by) => ({ name, by, table })),
  )

  it.each(indexes)('$name by $by fits into an index entry of PostgreSQL (2,704 bytes) and of InnoDB (3,072)', (one) => {
    const columns = columnsOf(one.table, one.by)
    expect(longestEntry(one.table, columns, UTF8_BYTES)).toBeLessThanOrEqual(2704)
    expect(longestEntry(one.table, columns, MYSQL_BYTES)).toBeLessThanOrEqual(3072)
  })
})
