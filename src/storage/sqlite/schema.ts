import { LicenseError } from '../../protocol/license-error'
import type { Table, Tables } from '../contract'
import { fingerprint } from '../fingerprint'
import type { Database } from './driver'
import { indexName, quote, quoteAll } from './names'

/** `kslt`: tells our files from those of other programs. */
export const APPLICATION_ID = 0x6b736c74

/** How tables are laid out, and which there are; in the file it is `user_version`. */
export const SCHEMA_VERSION = 1

/** Holds one row: the {@link fingerprint} of the definitions that the file's tables were made from. */
const IDENTITY_TABLE = 'keyslot_schema'

/**
 * Refuses a file that is not ours to write to. Changes nothing.
 *
 * @throws {LicenseError} STORAGE_INCOMPATIBLE for another program's file, other tables, or one from a newer keyslot
 */
export function checkIdentity(database: Database, file: string, tables: Tables) {
  // In one transaction: another process may be making the tables right now.
  database.transaction(() => {
    if (isNew(database)) return
    if (database.pragma('application_id', { simple: true }) !== APPLICATION_ID) {
      throw new LicenseError(
        'STORAGE_INCOMPATIBLE',
        `${file} is a database of another program; give keyslot its own file`,
      )
    }
    const version = Number(database.pragma('user_version', { simple: true }))
    if (version > SCHEMA_VERSION) {
      throw new LicenseError(
        'STORAGE_INCOMPATIBLE',
        `${file} was written by a newer keyslot (schema ${version}, this one knows ${SCHEMA_VERSION}); update keyslot`,
      )
    }
    if (version !== SCHEMA_VERSION || storedFingerprint(database) !== fingerprint(tables)) {
      throw new LicenseError(
        'STORAGE_INCOMPATIBLE',
        `${file} has other tables than this keyslot (schema ${version} too); give keyslot the file of this build, or a new one`,
      )
    }
  })()
}

/** Makes the tables of a new file. Of processes that start together one does it, the others find it done. */
export function makeTables(database: Database, file: string, tables: Tables) {
  if (!isNew(database)) return
  database
    .transaction(() => {
      // Looks again: another process may have been faster, and may have been another keyslot.
      if (!isNew(database)) return checkIdentity(database, file, tables)
      for (const [name, table] of Object.entries(tables)) {
        for (const statement of tableStatements(name, table)) database.exec(statement)
      }
      database.exec(`CREATE TABLE ${IDENTITY_TABLE} (fingerprint TEXT NOT NULL)`)
      database.prepare(`INSERT INTO ${IDENTITY_TABLE} VALUES (?)`).run(fingerprint(tables))
      database.pragma(`application_id = ${APPLICATION_ID}`)
      database.pragma(`user_version = ${SCHEMA_VERSION}`)
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

function storedFingerprint(database: Database): unknown {
  const named = database.prepare("SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = ?").pluck()
  if (named.get(IDENTITY_TABLE) === 0) return undefined
  return database.prepare(`SELECT fingerprint FROM ${IDENTITY_TABLE}`).pluck().get()
}

/** Rows have row ids: rows of some hundred bytes make the tree of a table WITHOUT ROWID deep, and slower to search. */
function tableStatements(name: string, { columns, key, unique = {}, orders = {} }: Table): readonly string[] {
  const defined = Object.entries(columns).map(([column, { kind, optional }]) => {
    const type = kind === 'text' || kind === 'json' ? 'TEXT' : 'INTEGER'
    return `${quote(column)} ${type}${optional === true ? '' : ' NOT NULL'}`
  })
  const index = (how: string, by: string | undefined, of: readonly string[]) =>
    `CREATE ${how} ${indexName(name, by)} ON ${quote(name)} (${quoteAll(of)})`
  return [
    `CREATE TABLE ${quote(name)} (${defined.join(', ')}, revision INTEGER NOT NULL)`,
    index('UNIQUE INDEX', undefined, key),
    ...Object.entries(unique).map(([by, of]) => index('UNIQUE INDEX', by, of)),
    ...Object.entries(orders).map(([by, of]) => index('INDEX', by, of)),
  ]
}
