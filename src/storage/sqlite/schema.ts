import { LicenseError } from '../../protocol/license-error'
import type { Column, Schema, Table } from '../contract'
import { type Additions, NO_SCHEMA, upgradeOf } from '../schema-upgrade'
import type { Database } from './driver'
import { indexName, quote, quoteAll } from './names'

/** `kslt`: tells our files from those of other programs. */
export const APPLICATION_ID = 0x6b736c74

/** Holds one row: what the file's tables were made from. */
const DEFINITIONS_TABLE = 'keyslot_schema'

/**
 * Refuses a file that is not ours to write to. Changes nothing.
 *
 * @throws {LicenseError} STORAGE_INCOMPATIBLE for another program's file, other tables, or one from a newer keyslot
 */
export function checkIdentity(database: Database, file: string, schema: Schema): void {
  // In one transaction: another process may be making the tables right now.
  database.transaction(() => {
    if (!isNew(database)) upgradeOf(file, keptIn(database, file), schema)
  })()
}

/** Makes the tables that are missing. Of processes that start together one does it, the others find it done. */
export function makeTables(database: Database, file: string, schema: Schema): void {
  if (!isNew(database) && database.pragma('user_version', { simple: true }) === schema.version) return
  database
    .transaction(() => {
      // Looks again: another process may have been faster, and may have been another keyslot.
      const kept = isNew(database) ? NO_SCHEMA : keptIn(database, file)
      for (const statement of statementsFor(upgradeOf(file, kept, schema))) database.exec(statement)
      database.exec(`CREATE TABLE IF NOT EXISTS ${DEFINITIONS_TABLE} (definitions TEXT NOT NULL)`)
      database.exec(`DELETE FROM ${DEFINITIONS_TABLE}`)
      database.prepare(`INSERT INTO ${DEFINITIONS_TABLE} VALUES (?)`).run(JSON.stringify(schema.tables))
      database.pragma(`application_id = ${APPLICATION_ID}`)
      database.pragma(`user_version = ${schema.version}`)
    })
    .immediate()
}

function isNew(database: Database): boolean {
  const zero = (name: string) => database.pragma(name, { simple: true }) === 0
  return (
    zero('application_id') &&
    zero('user_version') &&
    database.prepare('SELECT count(*) FROM sqlite_schema').pluck().get() === 0
  )
}

function keptIn(database: Database, file: string): Schema {
  const isOurs = database.pragma('application_id', { simple: true }) === APPLICATION_ID
  const named = database.prepare("SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = ?").pluck()
  if (!isOurs || named.get(DEFINITIONS_TABLE) === 0) {
    throw new LicenseError(
      'STORAGE_INCOMPATIBLE',
      `${file} is a database of another program; give keyslot its own file`,
    )
  }
  const definitions = database.prepare(`SELECT definitions FROM ${DEFINITIONS_TABLE}`).pluck().get()
  return {
    version: Number(database.pragma('user_version', { simple: true })),
    tables: JSON.parse(String(definitions)),
  }
}

/** Rows that are there have null in a new column. */
function statementsFor({ tables, columns, unique, orders }: Additions): readonly string[] {
  return [
    ...Object.entries(tables).flatMap(([name, table]) => tableStatements(name, table)),
    ...columns.map(({ table, name, column }) => `ALTER TABLE ${quote(table)} ADD COLUMN ${columnText(name, column)}`),
    ...unique.map(({ table, by, columns: of }) => indexText('UNIQUE INDEX', table, by, of)),
    ...orders.map(({ table, by, columns: of }) => indexText('INDEX', table, by, of)),
  ]
}

/** Rows have row ids: rows of some hundred bytes make the tree of a table WITHOUT ROWID deep, and slower to search. */
function tableStatements(name: string, { columns, key, unique = {}, orders = {} }: Table): readonly string[] {
  const defined = Object.entries(columns).map(([column, definition]) => columnText(column, definition))
  return [
    `CREATE TABLE ${quote(name)} (${defined.join(', ')}, revision INTEGER NOT NULL)`,
    indexText('UNIQUE INDEX', name, undefined, key),
    ...Object.entries(unique).map(([by, of]) => indexText('UNIQUE INDEX', name, by, of)),
    ...Object.entries(orders).map(([by, of]) => indexText('INDEX', name, by, of)),
  ]
}

function columnText(name: string, { kind, optional }: Column): string {
  const type = kind === 'text' || kind === 'json' ? 'TEXT' : 'INTEGER'
  return `${quote(name)} ${type}${optional === true ? '' : ' NOT NULL'}`
}

function indexText(how: string, table: string, by: string | undefined, of: readonly string[]): string {
  return `CREATE ${how} ${indexName(table, by)} ON ${quote(table)} (${quoteAll(of)})`
}
