import type { Row, Table, Tables, Value } from '../contract'

/** What a parameter of a statement is, and a value of a row that is found. */
export type Stored = string | number | null

export function quote(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

export function quoteAll(names: readonly string[]): string {
  return names.map(quote).join(', ')
}

/** The index of a unique set or an order; without `by` that of the key. */
export function indexName(table: string, by: string | undefined): string {
  return quote(by === undefined ? `${table} by key` : `${table} by ${by}`)
}

export function tableIn(tables: Tables, name: string): Table {
  const table = tables[name]
  if (table === undefined) throw new Error(`There is no table ${name}`)
  return table
}

/** All columns of a table, in the order that statements name them. */
export function everyColumn(table: Table): readonly string[] {
  return [...Object.keys(table.columns), 'revision']
}

export function toStored(value: Value): Stored {
  return typeof value === 'boolean' ? (value ? 1 : 0) : value
}

/** Makes rows of what a statement finds that names {@link everyColumn}. */
export function rowReader(table: Table): (values: readonly Stored[]) => Row {
  const columns = everyColumn(table)
  const booleans = columns.filter((column) => table.columns[column]?.kind === 'boolean')
  // A copy of a whole object stays fast to read, which one that grows to dozens of properties does not.
  const nothing: Record<string, Value> = Object.fromEntries(columns.map((column) => [column, null]))
  return (values) => {
    const row = { ...nothing }
    let index = 0
    for (const column of columns) row[column] = values[index++] ?? null
    for (const column of booleans) if (row[column] !== null) row[column] = row[column] === 1
    return row
  }
}
