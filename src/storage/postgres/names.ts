import type { ColumnKind, Table, Tables } from '../contract'

/** What each kind of column is in PostgreSQL. Instants are milliseconds: `timestamptz` begins after the earliest `Date`. */
const TYPES: Readonly<Record<ColumnKind, string>> = {
  text: 'text',
  integer: 'bigint',
  boolean: 'boolean',
  instant: 'bigint',
  json: 'json',
}

export function quote(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

export function typeOf(table: Table, column: string): string {
  if (column === 'revision') return TYPES.integer
  const definition = table.columns[column]
  if (definition === undefined) throw new Error(`There is no column ${column}`)
  return TYPES[definition.kind]
}

export function isOptional(table: Table, column: string): boolean {
  return table.columns[column]?.optional === true
}

/** All columns of a table, in the order that statements name them. */
export function everyColumn(table: Table): readonly string[] {
  return [...Object.keys(table.columns), 'revision']
}

export function tableIn(tables: Tables, name: string): Table {
  const table = tables[name]
  if (table === undefined) throw new Error(`There is no table ${name}`)
  return table
}

/** The tables of one schema. */
export interface Place {
  readonly schema: string
  readonly tables: Tables
}

/** A table's name in a statement. */
export function nameIn({ schema }: Place, table: string): string {
  return `${quote(schema)}.${quote(table)}`
}

/** A unique set with null in it names no row: the key tells such rows apart, so that they too are walked in one order. */
export function walkOf(table: Table, columns: readonly string[]): readonly string[] {
  if (!columns.some((column) => isOptional(table, column))) return columns
  return [...columns, ...table.key.filter((column) => !columns.includes(column))]
}

/** A column in ORDER BY or in an index: null comes first, which PostgreSQL does only if told. */
export function orderBy(table: Table, column: string, name: string, descending = false): string {
  const nulls = isOptional(table, column) ? (descending ? ' NULLS LAST' : ' NULLS FIRST') : ''
  return `${name}${descending ? ' DESC' : ''}${nulls}`
}

/**
 * A row for each place in the arrays that are parameters, from `$first` on. The planner does not see through SELECT: it
 * would plan anew for arrays of each length.
 */
export function unnest(types: readonly string[], first: number): string {
  return `unnest(${types.map((type, index) => `(SELECT $${first + index}::${type}[])`).join()})`
}
