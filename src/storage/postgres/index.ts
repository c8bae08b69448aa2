import type { Storage } from '../contract'
import { postgresRows } from '../rows/postgres'
import { verbsOver } from '../verbs/verbs-over'
import type { PostgresStorageOptions } from './connect-options'

export type { PostgresStorageOptions } from './connect-options'
export type { PostgresClient, PostgresPool, PostgresQuery, PostgresResult } from './driver'

/**
 * Keeps licenses in PostgreSQL (13 or later), for several app servers on one database. Needs the package pg, unless a
 * pool is given. What was answered is synced to disk before, also where `synchronous_commit` is off. Works through
 * pgbouncer in session and transaction mode: no prepared statements by name, no settings beyond a transaction.
 *
 * `open()` throws a `LicenseError`: PEER_MISSING without pg, STORAGE_INCOMPATIBLE for a server that is too old, or a schema
 * that is not keyslot's or was written by a newer keyslot, STORAGE_UNAVAILABLE when the database cannot be reached.
 *
 * @throws {TypeError} for a bad option
 *
 * @example
 * ```ts
 * const licensing = await createLicensing({ storage: postgresStorage({ connectionString: process.env.DATABASE_URL }), keyring })
 * ```
 */
export function postgresStorage(options: PostgresStorageOptions): Storage {
  return verbsOver(postgresRows(options))
}
