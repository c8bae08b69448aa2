import type { Storage } from '../contract'
import { loadPool, type PostgresPool } from './driver'
import { prepareSchema } from './migrate'
import { createPostgresStorage } from './postgres-storage'
import { createStore } from './store'

export type { PostgresClient, PostgresPool, PostgresQuery, PostgresResult } from './driver'

/** How to reach the database, and how long to wait for it. */
export interface PostgresStorageOptions {
  /** A pool of `pg`'s that the app has already. It is left open on `close()`. */
  readonly pool?: PostgresPool
  /** Instead of a pool: where the database is, such as `postgres://user:password@host:5432/database`. */
  readonly connectionString?: string | undefined
  /** Instead of a pool: further options for the one that is made, such as `ssl` or `host`; see the documentation of pg's Pool. */
  readonly connection?: Readonly<Record<string, unknown>>
  /** With a pool made here: how many connections at most. Default 10; more gain nothing on one database server. */
  readonly maxConnections?: number
  /** The schema for keyslot's tables and functions; made if it is not there. Default `keyslot`. */
  readonly schema?: string
  /** How many milliseconds a call waits for a connection. Default 5000. */
  readonly connectTimeoutMs?: number
  /** How many milliseconds a call waits for the lock of another step. Default 5000. */
  readonly lockTimeoutMs?: number
  /** How many milliseconds a statement may take; then its connection is given up. Default 15000. */
  readonly statementTimeoutMs?: number
}

const DEFAULT_MAX_CONNECTIONS = 10
const DEFAULT_CONNECT_TIMEOUT_MS = 5000
const DEFAULT_LOCK_TIMEOUT_MS = 5000
const DEFAULT_STATEMENT_TIMEOUT_MS = 15_000

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
  const {
    pool,
    connectionString,
    connection,
    maxConnections = DEFAULT_MAX_CONNECTIONS,
    schema = 'keyslot',
    connectTimeoutMs = DEFAULT_CONNECT_TIMEOUT_MS,
    lockTimeoutMs = DEFAULT_LOCK_TIMEOUT_MS,
    statementTimeoutMs = DEFAULT_STATEMENT_TIMEOUT_MS,
  } = options
  if (pool !== undefined && (connectionString !== undefined || connection !== undefined)) {
    throw new TypeError('postgresStorage: give a pool, or a connectionString or connection, not both')
  }
  if (pool === undefined && connectionString === undefined && connection === undefined) {
    throw new TypeError('postgresStorage: pool, connectionString or connection must say where the database is')
  }
  if (!/^[a-z_][a-z0-9_]{0,62}$/.test(schema)) {
    throw new TypeError('postgresStorage: schema must be lower-case letters, digits and _, at most 63')
  }
  const counts = { maxConnections, connectTimeoutMs, lockTimeoutMs, statementTimeoutMs }
  for (const [name, value] of Object.entries(counts)) {
    if (!Number.isSafeInteger(value) || value < 1) throw new TypeError(`postgresStorage: ${name} must be 1 or more`)
  }

  const openPool = async () => {
    if (pool !== undefined) return { pool, isOurs: false }
    const Pool = await loadPool()
    const made = new Pool({
      application_name: 'keyslot',
      keepAlive: true,
      idleTimeoutMillis: 30_000,
      ...connection,
      ...(connectionString === undefined ? {} : { connectionString }),
      max: maxConnections,
      connectionTimeoutMillis: connectTimeoutMs,
    })
    return { pool: made, isOurs: true }
  }
  const limits = { connectMs: connectTimeoutMs, lockMs: lockTimeoutMs, statementMs: statementTimeoutMs }
  return createPostgresStorage(createStore({ openPool, schema, limits, prepare: prepareSchema }))
}
