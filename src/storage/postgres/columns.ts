import { decodeOutcome, encodeOutcome } from '../outcome-codec'

/** What JSON can hold: rows come and go as JSON, so that no type parser of the host's `pg` changes them. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json }

/** A row by column. */
export type Row = Readonly<Record<string, Json>>

/** How one field is kept in a column. */
export interface ColumnType<T> {
  toColumn(value: T): Json
  toField(column: Json): T
}

/** Kept as it is: text, numbers, booleans, arrays of text, JSON objects. */
export const plain: ColumnType<unknown> = {
  toColumn: (value) => value as Json,
  toField: (column) => column,
}

/** Milliseconds since 1970. */
export const instant: ColumnType<Date> = {
  toColumn: (value) => value.getTime(),
  toField: (column) => new Date(Number(column)),
}

export const optionalInstant: ColumnType<Date | null> = {
  toColumn: (value) => value?.getTime() ?? null,
  toField: (column) => (column === null ? null : new Date(Number(column))),
}

/** An object with instants in it, as text. */
export function encoded<T extends object>(): ColumnType<T> {
  return { toColumn: encodeOutcome, toField: (column) => decodeOutcome<T>(String(column)) }
}

/** How an entity is kept in a row, both ways. */
export interface EntityColumns<T> {
  toRow(entity: T): Row
  /** Columns that are no field of the entity are left out. */
  toEntity(row: Row): T
}

// A column's type must be able to hold its field; `plain` holds what is JSON already.
type ColumnTypes<T> = { readonly [K in keyof T]-?: ColumnType<T[K]> | typeof plain }

/** Each field is in the column of its name, in snake case. */
export function columnsOf<T extends object>(types: ColumnTypes<T>): EntityColumns<T> {
  const fields = Object.keys(types) as (keyof T & string)[]
  const columns = fields.map((field) => ({
    field,
    column: field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
    type: types[field] as ColumnType<T[typeof field]>,
  }))
  return {
    toRow: (entity) =>
      Object.fromEntries(columns.map(({ field, column, type }) => [column, type.toColumn(entity[field])])),
    toEntity: (row) => {
      const entity: Partial<T> = {}
      for (const { field, column, type } of columns) entity[field] = type.toField(row[column] ?? null)
      return entity as T
    },
  }
}

/** The entity of a row that may not be there. */
export function orNull<T>(row: Json | undefined, toEntity: (row: Row) => T): T | null {
  return row === undefined || row === null ? null : toEntity(row as Row)
}
