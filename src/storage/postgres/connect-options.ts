import { refuseUnknown } from '../../protocol/unknown-name'
import { loadPool, type PostgresPool } from './driver'
import type { Limits } from './pool'

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
  /** The schema for keyslot's tables; made if it is not there. Default `keyslot`. */
  readonly schema?: string
  /** How many milliseconds a call waits for a connection. Default 5000. */
  readonly connectTimeoutMs?: number
  /** How many milliseconds a call waits for the lock of another step. Default 5000. */
  readonly lockTimeoutMs?: number
  /** How many milliseconds a statement may take; then its connection is given up. Default 15000. */
  readonly statementTimeoutMs?: number
}

/** How to open a database, and what to wait for. */
export interface PostgresPlace {
  /** The pool to use, and whether to end it on close. */
  readonly openPool: () => Promise<{ readonly pool: PostgresPool; readonly isOurs: boolean }>
  readonly schema: string
  readonly limits: Limits
}

/** The compiler keeps this list complete. */
const KNOWN: Readonly<Record<keyof PostgresStorageOptions, true>> = {
  pool: true,
  connectionString: true,
  connection: true,
  maxConnections: true,
  schema: true,
  connectTimeoutMs: true,
  lockTimeoutMs: true,
  statementTimeoutMs: true,
}

const DEFAULT_MAX_CONNECTIONS = 10
const DEFAULT_CONNECT_TIMEOUT_MS = 5000
const DEFAULT_LOCK_TIMEOUT_MS = 5000
const DEFAULT_STATEMENT_TIMEOUT_MS = 15_000

/**
 * @param name the function whose options they are, for messages
 * @param settings of the server's, such as `jit=off`, for each connection of a pool made here. A pooler may refuse them: then
 *   connections go without.
 * @throws {TypeError} for a bad option
 */
export function readOptions(
  name: string,
  options: PostgresStorageOptions,
  settings?: readonly string[],
): PostgresPlace {
  refuseUnknown(name, options, Object.keys(KNOWN))
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
    throw new TypeError(`${name}: give a pool, or a connectionString or connection, not both`)
  }
  if (pool === undefined && connectionString === undefined && connection === undefined) {
    throw new TypeError(`${name}: pool, connectionString or connection must say where the database is`)
  }
  if (!/^[a-z_][a-z0-9_]{0,62}$/.test(schema)) {
    throw new TypeError(`${name}: schema must be lower-case letters, digits and _, at most 63`)
  }
  const counts = { maxConnections, connectTimeoutMs, lockTimeoutMs, statementTimeoutMs }
  for (const [option, value] of Object.entries(counts)) {
    if (!Number.isSafeInteger(value) || value < 1) throw new TypeError(`${name}: ${option} must be 1 or more`)
  }

  const openPool = async () => {
    if (pool !== undefined) return { pool, isOurs: false }
    const Pool = await loadPool()
    const common = {
      application_name: 'keyslot',
      keepAlive: true,
      idleTimeoutMillis: 30_000,
      ...connection,
      ...(connectionString === undefined ? {} : { connectionString }),
      max: maxConnections,
      connectionTimeoutMillis: connectTimeoutMs,
    }
    if (settings !== undefined) {
      const given = typeof connection?.options === 'string' ? ` ${connection.options}` : ''
      // The server ends a statement that takes too long: a client that gives up would leave it at work, with its locks.
      const all = [...settings, `statement_timeout=${statementTimeoutMs}`]
      const made = new Pool({ ...common, options: `${all.map((one) => `-c ${one}`).join(' ')}${given}` })
      if (await takesSettings(made)) return { pool: made, isOurs: true }
      await made.end()
    }
    return { pool: new Pool(common), isOurs: true }
  }
  const limits = { connectMs: connectTimeoutMs, lockMs: lockTimeoutMs, statementMs: statementTimeoutMs }
  return { openPool, schema, limits }
}

/** False where somebody between us and the server lets no settings through. */
async function takesSettings(pool: PostgresPool): Promise<boolean> {
  try {
    const client = await pool.connect()
    client.release()
    return true
  } catch (error) {
    return !/startup parameter/.test(String((error as Error | undefined)?.message))
  }
}
