import type { Storage } from '../contract'
import { type SqliteRowsOptions, sqliteRows } from '../rows/sqlite'
import { verbsOver } from '../verbs/verbs-over'

export type SqliteStorageOptions = SqliteRowsOptions

/**
 * Keeps licenses in one SQLite file. Needs the package better-sqlite3. Several processes of one host may share the file,
 * and what was answered is synced to disk before. While another process holds the lock, it is tried for 20 ms at a
 * time, with the event loop running in between.
 *
 * `open()` throws a `LicenseError`: PEER_MISSING without better-sqlite3, STORAGE_INCOMPATIBLE for a file that is not
 * keyslot's or was written by a newer keyslot, STORAGE_UNAVAILABLE when the file cannot be opened or stays locked.
 *
 * @throws {TypeError} for a bad option
 *
 * @example
 * ```ts
 * const licensing = await createLicensing({ storage: sqliteStorage({ file: 'licenses.db' }), keyring })
 * ```
 */
export function sqliteStorage(options: SqliteStorageOptions): Storage {
  return verbsOver(sqliteRows(options))
}
