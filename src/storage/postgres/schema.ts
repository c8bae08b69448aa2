import { LicenseError } from '../../protocol/license-error'
import type { Table } from '../contract'
import { fingerprint } from '../fingerprint'
import { everyColumn, isOptional, nameIn, orderBy, type Place, quote, typeOf, walkOf } from './names'
import type { Connection, Connections } from './pool'

const OLDEST_SERVER = 13
const VERSION = 1

/** Other instances that start meanwhile wait for the one that makes the schema. */
const SCHEMA_LOCK_MS = 60_000

/**
 * Makes the tables where they are not there. Of instances that start together one does the work, the others find it done.
 * @returns whether a statement by itself is READ COMMITTED in this database, and may have NULL in its arrays
 * @throws {LicenseError} STORAGE_INCOMPATIBLE for a server that is too old or whose text is not UTF-8, a schema of another
 *   program's, one from a newer keyslot, or one with other tables
 */
export function prepareSchema(connections: Connections, place: Place): Promise<boolean> {
  return connections.during(async (connection) => {
    const { isThere, hasUsualSettings } = await look(connection, place)
    if (!isThere) await make(connection, place)
    return hasUsualSettings
  }, SCHEMA_LOCK_MS)
}

/** @throws {LicenseError} STORAGE_INCOMPATIBLE for a server or a schema that is of no use */
async function look(connection: Connection, place: Place): Promise<{ isThere: boolean; hasUsualSettings: boolean }> {
  const { schema } = place
  const marker = nameIn(place, 'keyslot_schema')
  const text = await connection.text(
    `SELECT json_build_object(
       'server', current_setting('server_version_num')::int / 10000,
       'encoding', current_setting('server_encoding'),
       'isolation', current_setting('default_transaction_isolation'),
       'arrayNulls', current_setting('array_nulls'),
       'isThere', to_regclass($1) IS NOT NULL,
       'tables', (SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $2))::text`,
    [marker, schema],
  )
  const { server, encoding, isolation, arrayNulls, isThere, tables } = JSON.parse(text ?? '')
  const hasUsualSettings = isolation === 'read committed' && arrayNulls === 'on'
  if (server < OLDEST_SERVER) {
    throw incompatible(`PostgreSQL ${server} is too old: keyslot needs ${OLDEST_SERVER} or later`)
  }
  if (encoding !== 'UTF8') throw incompatible(`The PostgreSQL database keeps text as ${encoding}: keyslot needs UTF8`)
  if (!isThere && tables > 0) {
    throw incompatible(`The schema "${schema}" has tables of another program; give keyslot a schema of its own`)
  }
  if (!isThere) return { isThere, hasUsualSettings }
  const written = await connection.text(`SELECT row_to_json(s)::text FROM ${marker} s`)
  const { version, definitions } = JSON.parse(written ?? '')
  if (version > VERSION) {
    throw incompatible(
      `The schema "${schema}" was written by a newer keyslot (version ${version}, this one knows ${VERSION}); update keyslot`,
    )
  }
  if (definitions !== fingerprint(place.tables)) {
    throw incompatible(
      `The schema "${schema}" has other tables than this keyslot's, though both are of version ${version}`,
    )
  }
  return { isThere, hasUsualSettings }
}

async function make(connection: Connection, place: Place) {
  const { schema, tables } = place
  await connection.run(`BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL lock_timeout = ${SCHEMA_LOCK_MS};
    SET LOCAL statement_timeout = ${SCHEMA_LOCK_MS}; SET LOCAL synchronous_commit = on`)
  try {
    await connection.text('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))::text', [`keyslot schema ${schema}`])
    // Looked for again: another instance may have had the lock before.
    if (!(await look(connection, place)).isThere) {
      // A schema that somebody has made for us needs no right to make one.
      const exists = await connection.text('SELECT nspname::text FROM pg_namespace WHERE nspname = $1', [schema])
      if (exists === null) await connection.run(`CREATE SCHEMA ${quote(schema)}`)
      const marker = nameIn(place, 'keyslot_schema')
      const definitions = Object.entries(tables).flatMap(([name, table]) => tableStatements(place, name, table))
      await connection.run(`${definitions.join(';\n')};
        CREATE TABLE ${marker} (version integer NOT NULL, definitions text NOT NULL);
        INSERT INTO ${marker} VALUES (${VERSION}, '${fingerprint(tables)}')`)
    }
    await connection.run('COMMIT')
  } catch (error) {
    await connection.run('ROLLBACK').catch(() => undefined)
    throw error
  }
}

function tableStatements(place: Place, name: string, table: Table): readonly string[] {
  const { key, unique = {}, orders = {} } = table
  const target = nameIn(place, name)
  const columns = everyColumn(table).map((column) => {
    const type = typeOf(table, column)
    const collation = type === 'text' ? ' COLLATE "C"' : ''
    return `${quote(column)} ${type}${collation}${isOptional(table, column) ? '' : ' NOT NULL'}`
  })
  // Checked when a statement ends: rows of one set may exchange what only one may have.
  const uniques = Object.values(unique).map((set) => `UNIQUE (${set.map(quote)}) DEFERRABLE INITIALLY IMMEDIATE`)
  // The index of a unique set has null at the other end.
  const optional = Object.values(unique).filter((set) => walkOf(table, set) !== set)
  const walks = [...Object.values(orders), ...optional.map((set) => walkOf(table, set))]
  const indexes = walks.map(
    (walk) => `CREATE INDEX ON ${target} (${walk.map((column) => orderBy(table, column, quote(column)))})`,
  )
  const instants = Object.entries(table.columns).filter(([, { kind }]) => kind === 'instant')
  const comments = instants.map(
    ([column]) =>
      `COMMENT ON COLUMN ${target}.${quote(column)} IS 'Milliseconds since 1970: to_timestamp(${quote(column)} / 1000.0)'`,
  )
  const definitions = [...columns, `PRIMARY KEY (${key.map(quote)})`, ...uniques].join(', ')
  return [`CREATE TABLE ${target} (${definitions})`, ...indexes, ...comments]
}

function incompatible(message: string): LicenseError {
  return new LicenseError('STORAGE_INCOMPATIBLE', message)
}
