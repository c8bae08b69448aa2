import type { Column, ColumnKind, Row, Table, Value } from './contract'

/** A column, and how a field of an entity becomes its value and comes back. */
export interface Field<T> {
  readonly column: Column
  toValue(field: T): Value
  toField(value: Value): T
}

interface Definition<E> {
  readonly fields: { readonly [K in keyof E]-?: Field<E[K]> }
  /** Columns for looking things up by, made from the entity; no field is read from them. */
  readonly derived?: Readonly<Record<string, { readonly column: Column; readonly from: (entity: E) => Value }>>
  /** Columns that are no field: the storage alone knows their values. */
  readonly kept?: Readonly<Record<string, Column>>
  /** True where rows also get a `place` that grows from one to the next, so that lists keep the order of insertion. */
  readonly placed?: true
  /** By field, or by derived or kept column, as the orders and unique sets are. */
  readonly key: readonly string[]
  readonly unique?: Readonly<Record<string, readonly string[]>>
  /** The key is added to the end of each. */
  readonly orders?: Readonly<Record<string, readonly string[]>>
}

/** A table of entities of one kind. */
export interface EntityTable<E> {
  readonly name: string
  readonly definition: Table
  readonly placed: boolean
  /** The unique sets of the definition with their columns. */
  readonly uniqueSets: readonly (readonly [name: string, columns: readonly string[]])[]
  /** A new object each time. */
  toColumns(entity: E): Record<string, Value>
  /** The columns that may have changed: what both have in common is as it was. */
  toChanges(before: E, after: E): Record<string, Value>
  /** The values of some of its columns. */
  toValues(entity: E, columns: readonly string[]): readonly Value[]
  toEntity(row: Row): E
}

export function defineTable<E extends object>(name: string, definition: Definition<E>): EntityTable<E> {
  const { fields, derived = {}, kept = {}, placed = false, key, unique = {}, orders = {} } = definition
  const named = Object.entries(fields as object as Readonly<Record<string, Field<never>>>).map(([field, codec]) => ({
    field,
    column: columnName(field),
    codec,
  }))
  const columns: Record<string, Column> = {}
  const readers = new Map<string, (entity: E) => Value>()
  for (const { field, column, codec } of named) {
    columns[column] = codec.column
    readers.set(column, (entity) => codec.toValue(entity[field as keyof E] as never))
  }
  const made = Object.entries(derived).map(([field, { from }]) => [columnName(field), from] as const)
  for (const [field, { column }] of Object.entries(derived)) columns[columnName(field)] = column
  for (const [column, from] of made) readers.set(column, from)
  for (const [field, column] of Object.entries(kept)) columns[columnName(field)] = column
  if (placed) columns.place = { kind: 'integer' }
  const sets = (all: Readonly<Record<string, readonly string[]>>, end: readonly string[] = []) =>
    Object.fromEntries(
      Object.entries(all).map(([set, of]) => {
        const missing = end.filter((field) => !of.includes(field))
        return [set, [...of, ...missing].map(columnName)]
      }),
    )
  const uniqueColumns = sets(unique)
  // Copies of a whole object stay fast to read, which one that grows to dozens of properties does not.
  const noFields: Record<string, unknown> = Object.fromEntries(named.map(({ field }) => [field, null]))
  const noColumns: Record<string, Value> = Object.fromEntries([...readers.keys()].map((column) => [column, null]))
  return {
    name,
    definition: { columns, key: key.map(columnName), unique: uniqueColumns, orders: sets(orders, key) },
    placed,
    uniqueSets: Object.entries(uniqueColumns),
    toColumns(entity) {
      const values = { ...noColumns }
      for (const [column, read] of readers) values[column] = read(entity)
      return values
    },
    toChanges(before, after) {
      const values: Record<string, Value> = {}
      for (const { field, column, codec } of named) {
        const value = after[field as keyof E]
        if (value !== before[field as keyof E]) values[column] = codec.toValue(value as never)
      }
      for (const [column, read] of made) values[column] = read(after)
      return values
    },
    toValues: (entity, of) => of.map((column) => readers.get(column)?.(entity) ?? null),
    toEntity(row) {
      const entity: Record<string, unknown> = { ...noFields }
      for (const { field, column, codec } of named) entity[field] = codec.toField(row[column] ?? null)
      return entity as E
    },
  }
}

function columnName(field: string): string {
  return field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}

function plain<T extends Value>(kind: ColumnKind, length?: number): Field<T> {
  const column: Column = length === undefined ? { kind } : { kind, length }
  return { column, toValue: (field) => field, toField: (value) => value as T }
}

/** Text of at most so many UTF-16 units; without a number, text that nothing is looked up by. */
export function text<T extends string = string>(length?: number): Field<T> {
  return plain<T>('text', length)
}

export const integer: Field<number> = plain('integer')
export const boolean: Field<boolean> = plain('boolean')

export const instant: Field<Date> = {
  column: { kind: 'instant' },
  toValue: (field) => field.getTime(),
  toField: (value) => new Date(value as number),
}

/** JSON: plain objects and lists, without instants. */
export function json<T>(): Field<T> {
  return {
    column: { kind: 'json' },
    toValue: (field) => JSON.stringify(field),
    toField: (value) => JSON.parse(value as string) as T,
  }
}

/** A field that may be null. */
export function optional<T>({ column, toValue, toField }: Field<T>): Field<T | null> {
  return {
    column: { ...column, optional: true },
    toValue: (field) => (field === null ? null : toValue(field)),
    toField: (value) => (value === null ? null : toField(value)),
  }
}
