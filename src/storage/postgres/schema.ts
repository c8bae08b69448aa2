import { LicenseError } from '../../protocol/license-error'
import type { Schema, Table } from '../contract'
import { type Additions, NO_SCHEMA, upgradeOf } from '../schema-upgrade'
import { everyColumn, isOptional, nameIn, orderBy, type Place, quote, tableIn, typeOf, walkOf } from './names'
import type { Connection, Connections } from './pool'

const OLDEST_SERVER = 13

/** Other instances that start meanwhile wait for the one that makes the schema. */
const SCHEMA_LOCK_MS = 60_000

/**
 * Makes the tables that are not there. Of instances that start together one does the work, the others find it done.
 *
 * @param version that of the tables
 * @returns whether a statement by itself is READ COMMITTED in this database, and may have NULL in its arrays
 * @throws {LicenseError} STORAGE_INCOMPATIBLE for a server that is too old or whose text is not UTF-8, a schema of another
 *   program's, one from a newer keyslot, or one with other tables
 */
export function prepareSchema(connections: Connections, place: Place, version: number): Promise<boolean> {
  return connections.during(async (connection) => {
    const wanted = { version, tables: place.tables }
    const { kept, hasUsualSettings } = await look(connection, place, wanted)
    if (kept.version < version) await make(connection, place, wanted)
    return hasUsualSettings
  }, SCHEMA_LOCK_MS)
}

interface Looked {
  /** Version 0 where nothing is there. */
  readonly kept: Schema
  readonly hasUsualSettings: boolean
}

/** @throws {LicenseError} STORAGE_INCOMPATIBLE for a server or a schema that is of no use */
async function look(connection: Connection, place: Place, wanted: Schema): Promise<Looked> {
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
  if (!isThere) return { kept: NO_SCHEMA, hasUsualSettings }
  const written = await connection.text(`SELECT row_to_json(s)::text FROM ${marker} s`)
  const { version, definitions } = JSON.parse(written ?? '')
  const kept = { version, tables: JSON.parse(definitions) }
  upgradeOf(`The schema "${schema}"`, kept, wanted)
  return { kept, hasUsualSettings }
}

async function make(connection: Connection, place: Place, wanted: Schema) {
  const { schema } = place
  await connection.run(`BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL lock_timeout = ${SCHEMA_LOCK_MS};
    SET LOCAL statement_timeout = ${SCHEMA_LOCK_MS}; SET LOCAL synchronous_commit = on`)
  try {
    await connection.text('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))::text', [`keyslot schema ${schema}`])
    // Looked for again: another instance may have had the lock before.
    const { kept } = await look(connection, place, wanted)
    if (kept.version < wanted.version) {
      // A schema that somebody has made for us needs no right to make one.
      const exists = await connection.text('SELECT nspname::text FROM pg_namespace WHERE nspname = $1', [schema])
      if (exists === null) await connection.run(`CREATE SCHEMA ${quote(schema)}`)
      const marker = nameIn(place, 'keyslot_schema')
      await connection.run(
        [
          ...statementsFor(place, upgradeOf(schema, kept, wanted)),
          `CREATE TABLE IF NOT EXISTS ${marker} (version integer NOT NULL, definitions text NOT NULL)`,
          `DELETE FROM ${marker}`,
        ].join(';\n'),
      )
      const mark = `INSERT INTO ${marker} VALUES ($1::text::integer, $2) RETURNING version::text`
      await connection.text(mark, [String(wanted.version), JSON.stringify(wanted.tables)])
    }
    await connection.run('COMMIT')
  } catch (error) {
    await connection.run('ROLLBACK').catch(() => undefined)
    throw error
  }
}

/** Rows that are there have null in a new column. */
function statementsFor(place: Place, { tables, columns, unique, orders }: Additions): readonly string[] {
  const table = (name: string) => tableIn(place.tables, name)
  return [
    ...Object.entries(tables).flatMap(([name, one]) => tableStatements(place, name, one)),
    ...columns.flatMap(({ table: name, name: column }) => [
      `ALTER TABLE ${nameIn(place, name)} ADD COLUMN ${columnText(table(name), column)}`,
      ...commentsOn(place, name, table(name), [column]),
    ]),
    ...unique.flatMap(({ table: name, columns: set }) => [
      `ALTER TABLE ${nameIn(place, name)} ADD ${uniqueText(set)}`,
      ...(walkOf(table(name), set) === set ? [] : [indexText(place, name, table(name), walkOf(table(name), set))]),
    ]),
    ...orders.map(({ table: name, columns: walk }) => indexText(place, name, table(name), walk)),
  ]
}

function tableStatements(place: Place, name: string, table: Table): readonly string[] {
  const { key, unique = {}, orders = {} } = table
  const columns = everyColumn(table).map((column) => columnText(table, column))
  const uniques = Object.values(unique).map(uniqueText)
  // The index of a unique set has null at the other end.
  const optional = Object.values(unique).filter((set) => walkOf(table, set) !== set)
  const walks = [...Object.values(orders), ...optional.map((set) => walkOf(table, set))]
  const definitions = [...columns, `PRIMARY KEY (${key.map(quote)})`, ...uniques].join(', ')
  return [
    `CREATE TABLE ${nameIn(place, name)} (${definitions})`,
    ...walks.map((walk) => indexText(place, name, table, walk)),
    ...commentsOn(place, name, table, Object.keys(table.columns)),
  ]
}

function columnText(table: Table, column: string): string {
  const type = typeOf(table, column)
  const collation = type === 'text' ? ' COLLATE "C"' : ''
  return `${quote(column)} ${type}${collation}${isOptional(table, column) ? '' : ' NOT NULL'}`
}

/** Checked when a statement ends: rows of one set may exchange what only one may have. */
function uniqueText(set: readonly string[]): string {
  return `UNIQUE (${set.map(quote)}) DEFERRABLE INITIALLY IMMEDIATE`
}

function indexText(place: Place, name: string, table: Table, walk: readonly string[]): string {
  return `CREATE INDEX ON ${nameIn(place, name)} (${walk.map((column) => orderBy(table, column, quote(column)))})`
}

function commentsOn(place: Place, name: string, table: Table, columns: readonly string[]): readonly string[] {
  return columns
    .filter((column) => table.columns[column]?.kind === 'instant')
    .map(
      (column) =>
        `COMMENT ON COLUMN ${nameIn(place, name)}.${quote(column)} IS 'Milliseconds since 1970: to_timestamp(${quote(column)} / 1000.0)'`,
    )
}

function incompatible(message: string): LicenseError {
  return new LicenseError('STORAGE_INCOMPATIBLE', message)
}
