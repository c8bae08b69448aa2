import type { Storage } from '../contract'
import { type PostgresStorageOptions, readOptions } from './connect-options'
import { createPostgresStorage } from './postgres-storage'

export type { PostgresStorageOptions } from './connect-options'
export type { PostgresClient, PostgresPool, PostgresQuery, PostgresResult } from './driver'

/**
 * How every plan of ours walks: along an index, also where it was made while a table was small. Kept as made, for arrays of
 * every length.
 */
const PLANS = [
  'plan_cache_mode=force_generic_plan',
  'enable_seqscan=off',
  'enable_bitmapscan=off',
  'enable_material=off',
  'enable_sort=off',
  'enable_incremental_sort=off',
  'jit=off',
  'default_transaction_isolation=read\\ committed',
  'array_nulls=on',
]

/**
 * Keeps licenses in PostgreSQL (13 or later), for several app servers on one database. Needs the package pg, unless a pool is
 * given. What was answered is synced to disk before, also where `synchronous_commit` is off. Works through pgbouncer in
 * session and transaction mode.
 *
 * `open()` throws a `LicenseError`: PEER_MISSING without pg, STORAGE_INCOMPATIBLE for a server that is too old or whose text
 * is not UTF-8, or a schema that is not keyslot's or was written by a newer keyslot, STORAGE_UNAVAILABLE when the database
 * cannot be reached.
 *
 * @throws {TypeError} for a bad option
 *
 * @example
 * ```ts
 * const licensing = await createLicensing({ storage: postgresStorage({ connectionString: process.env.DATABASE_URL }), keyring })
 * ```
 */
export function postgresStorage(options: PostgresStorageOptions): Storage {
  return createPostgresStorage(readOptions('postgresStorage', options, PLANS))
}
