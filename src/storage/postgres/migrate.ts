import { LicenseError } from '../../protocol/license-error'
import type { Connection, Connections } from './pool'
import { MIGRATIONS } from './schema'
import { inSchema } from './store'

const OLDEST_SERVER = 13

/** Other instances that start meanwhile wait for the one that migrates. */
const MIGRATION_LOCK_MS = 60_000

/**
 * Brings the schema up to date. Of instances that start together one does the work, the others find it done.
 * @throws {LicenseError} STORAGE_INCOMPATIBLE for a server that is too old, a schema of another program's, or one from a newer keyslot
 */
export function prepareSchema(
  connections: Connections,
  schema: string,
): Promise<{ readonly isReadCommitted: boolean }> {
  return connections.during(async (connection) => {
    const { version, isolation } = await look(connection)
    if (version < OLDEST_SERVER) {
      throw incompatible(`PostgreSQL ${version} is too old: keyslot needs ${OLDEST_SERVER} or later`)
    }
    if ((await readVersion(connection, schema)) !== MIGRATIONS.length) await migrate(connection, schema)
    return { isReadCommitted: isolation === 'read committed' }
  }, MIGRATION_LOCK_MS)
}

async function look(connection: Connection): Promise<{ readonly version: number; readonly isolation: string }> {
  const text = await connection.text(`SELECT json_build_object(
    'version', current_setting('server_version_num')::int / 10000,
    'isolation', current_setting('default_transaction_isolation'))::text`)
  return JSON.parse(text ?? '')
}

/**
 * How many migrations have run; 0 for a schema that is not there, or has nothing in it.
 * @throws {LicenseError} STORAGE_INCOMPATIBLE for one that is not ours, or newer
 */
async function readVersion(connection: Connection, schema: string): Promise<number> {
  const text = await connection.text(
    `SELECT json_build_object('ours', to_regclass($1) IS NOT NULL,
       'tables', (SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $2))::text`,
    [inSchema('@schema_version', schema), schema],
  )
  const found: { readonly ours: boolean; readonly tables: number } = JSON.parse(text ?? '')
  if (!found.ours) {
    if (found.tables === 0) return 0
    throw incompatible(`The schema "${schema}" has tables of another program; give keyslot a schema of its own`)
  }
  const version = Number(await connection.text(inSchema('SELECT version::text FROM @schema_version', schema)))
  if (version > MIGRATIONS.length) {
    throw incompatible(
      `The schema "${schema}" was written by a newer keyslot (version ${version}, this one knows ${MIGRATIONS.length}); update keyslot`,
    )
  }
  return version
}

async function migrate(connection: Connection, schema: string) {
  await connection.run(`BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL lock_timeout = ${MIGRATION_LOCK_MS};
    SET LOCAL statement_timeout = ${MIGRATION_LOCK_MS}; SET LOCAL synchronous_commit = on`)
  try {
    await connection.text('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))::text', [`keyslot schema ${schema}`])
    // Read again: whoever held the lock before may have migrated, and may have been a newer keyslot.
    const version = await readVersion(connection, schema)
    if (version === 0) await createSchema(connection, schema)
    for (const statements of MIGRATIONS.slice(version)) await connection.run(inSchema(statements, schema))
    await connection.run(inSchema(`UPDATE @schema_version SET version = ${MIGRATIONS.length}`, schema))
    await connection.run('COMMIT')
  } catch (error) {
    await connection.run('ROLLBACK').catch(() => undefined)
    throw error
  }
}

async function createSchema(connection: Connection, schema: string) {
  // A schema that somebody has made for us needs no right to make one.
  const exists = await connection.text('SELECT nspname::text FROM pg_namespace WHERE nspname = $1', [schema])
  if (exists === null) await connection.run(`CREATE SCHEMA "${schema}"`)
  await connection.run(
    inSchema('CREATE TABLE @schema_version (version integer NOT NULL); INSERT INTO @schema_version VALUES (0)', schema),
  )
}

function incompatible(message: string): LicenseError {
  return new LicenseError('STORAGE_INCOMPATIBLE', message)
}
