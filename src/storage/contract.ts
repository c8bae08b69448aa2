/**
 * What keyslot asks of a database: to keep rows, and to change several of them together or not at all. What the rows
 * mean is decided above: no function here knows a rule, so that an adapter is the same few hundred lines whatever
 * keyslot learns to do.
 *
 * @packageDocumentation
 */

/**
 * A value of a column. Instants are milliseconds since the epoch, JSON is its text, both exactly as given. Strings are
 * well-formed Unicode without U+0000, of at most the column's `length` in UTF-16 units.
 */
export type Value = string | number | boolean | null

/** A row as the database has it: a value for each column of its table, and its revision. */
export type Row = Readonly<Record<string, Value>>

/**
 * How a column's values are kept. An engine may use the type that people expect to find in its database, as long as
 * values come back equal: integers exactly up to 2^53, instants to the millisecond and beyond the year 9999.
 */
export type ColumnKind = 'text' | 'integer' | 'boolean' | 'instant' | 'json'

export interface Column {
  readonly kind: ColumnKind
  /** True where the value may be null. */
  readonly optional?: true
  /** Text: the most UTF-16 units. Absent for text that no key, unique set or order holds: it has no stated limit. */
  readonly length?: number
}

/**
 * A table's definition. Every table also has the integer column `revision`.
 *
 * Values sort by kind: numbers and instants by size, text by code point, false before true, null before everything.
 */
export interface Table {
  readonly columns: Readonly<Record<string, Column>>
  /** The columns that name a row. None is optional. They never change. */
  readonly key: readonly string[]
  /** Sets of columns that no two rows have equal; rows that have null in one of them are not compared. */
  readonly unique?: Readonly<Record<string, readonly string[]>>
  /** The orders that rows are read in. Each holds all columns of the key, so that no two rows are equal in it. */
  readonly orders?: Readonly<Record<string, readonly string[]>>
}

export type Tables = Readonly<Record<string, Table>>

/**
 * What a store is to hold. Each version has all tables, columns, unique sets and orders of the version before it, as they were,
 * and may have more; a column that comes to a table that was there is optional.
 */
export interface Schema {
  /** A whole number from 1 on. */
  readonly version: number
  readonly tables: Tables
}

/** A value, or the value that the row of the query above has in a column. */
export type Operand = Value | { readonly column: string }

/**
 * Rows of one table, found by the leading columns of its key, of a unique set or of an order. A null among the values
 * finds nothing.
 */
export interface Query {
  readonly table: string
  /**
   * The unique set or order that is walked. Default: the key. A unique set is walked by its columns and then by those
   * columns of the key that it does not hold: several rows may have null in it.
   */
  readonly by?: string
  /** What its leading columns are equal to; none for all rows. */
  readonly equal: readonly Operand[]
  /**
   * Bounds of the column that comes next; only where one does. At most one at each end, and none is null. A row with null
   * there lies within no bounds.
   */
  readonly range?: { readonly from?: Value; readonly above?: Value; readonly below?: Value; readonly to?: Value }
  /** Rows come by the columns that follow, downwards if true. Default false. */
  readonly descending?: boolean
  /**
   * Starts behind the place of a row that has these values in the columns that follow the equal ones, all of them. The row
   * need not be there any more. The place lies within `range`.
   */
  readonly after?: readonly Value[]
  /** At most this many rows, after `skip` of them. */
  readonly limit: number
  readonly skip?: number
  /** True to be told also how many rows there are without `limit`, `skip` and `after`. */
  readonly count?: boolean
  /** For each row found, the rows it leads to: two levels at most. */
  readonly follow?: Readonly<Record<string, Query>>
}

export interface Answer {
  readonly rows: readonly Found[]
  /** Present where the query asks for it. */
  readonly count?: number
}

export interface Found {
  readonly row: Row
  /** An answer for each query of `follow`. */
  readonly followed: Readonly<Record<string, Answer>>
}

/** The values of a row's key, in the order of the table's definition. */
export type Key = readonly Value[]

/**
 * A change of one row. An insert finds no row with this key; the others find the row as it was read, at `revision`.
 * `guard` changes nothing. Revisions are the caller's: it gives a new row one, and a changed row another.
 */
export type Change =
  | { readonly kind: 'insert'; readonly table: string; readonly row: Row }
  | {
      readonly kind: 'update'
      readonly table: string
      readonly key: Key
      readonly revision: number
      /** The columns that change, `revision` among them. */
      readonly set: Row
    }
  | { readonly kind: 'delete' | 'guard'; readonly table: string; readonly key: Key; readonly revision: number }

/** Changes that happen together. No row is named twice. */
export type ChangeSet = readonly Change[]

/**
 * An adapter. What must hold, and what the conformance kit tries:
 *
 * - **Sets.** A set is written whole or not at all, whatever happens; once `write` has resolved it survives the process
 *   being killed and, in the adapter's default settings, a power cut.
 * - **Races.** Of two sets that name one row at one revision, or insert one key or one unique set, exactly one is
 *   written, in whatever process they are.
 * - **Reads.** All answers of one `read` are of one instant, and hold what was written before it was called.
 * - **Errors.** A conflict is a value. Throw only when the database cannot answer: a `LicenseError` with the code
 *   `STORAGE_UNAVAILABLE` when trying again may help (locked, unreachable), anything else for a fault. Where it is
 *   unknown whether a set was written, `STORAGE_UNAVAILABLE` is thrown too: the caller finds out by reading.
 */
export interface Storage {
  /** Short name for messages, such as `sqlite`. */
  readonly name: string
  /** How many calls of `write` may be under way at once. Default 1. */
  readonly writes?: number
  /**
   * Connects, makes the store where there is none, and brings one of an earlier version up to date (`upgradeOf` tells
   * what is new); safe when several processes do so at once. A store is STORAGE_INCOMPATIBLE, and is left as it is, where
   * its version is later, where it is not keyslot's, and where it has other tables at the same version: so the store
   * remembers its version and its tables.
   */
  open(schema: Schema): Promise<void>
  /** Waits for calls under way, then lets go of everything. A second call does nothing. */
  close(): Promise<void>
  /** Resolves when the database answers. */
  ping(): Promise<void>
  /** Answers all queries as of one instant. */
  read(queries: readonly Query[]): Promise<readonly Answer[]>
  /**
   * Writes each set, in whatever order: sets are independent of each other, and no two of them change one row. Several may
   * guard one row. Where one guards a row that another changes, either both are written or one is a `conflict`. Two sets
   * may want one unique set: one of them gets it.
   *
   * `conflict` where a row is not as the set says, or a unique set is taken: nothing of that set is written then. What
   * counts of unique sets is how rows are after the set: its rows may hand values over to each other.
   */
  write(sets: readonly ChangeSet[]): Promise<readonly ('written' | 'conflict')[]>
  /**
   * Does `work` while nobody else can change the rows with these keys. For steps that have lost: an adapter that has no
   * locks leaves it out.
   */
  locked?(
    rows: readonly { readonly table: string; readonly key: Key }[],
    work: (storage: Pick<Storage, 'read' | 'write'>) => Promise<void>,
  ): Promise<void>
}
