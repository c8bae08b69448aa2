interface Server {
  query<Row extends object>(sql: string, values?: unknown[]): Promise<Row[]>
}

/** A schema of PostgreSQL as statements: pg_dump does not come with the server that tests start. */
export async function dumpOf(server: Server, schema: string): Promise<string> {
  const tables = await linesOf(
    server,
    `SELECT format('CREATE TABLE %I.%I (%s)', n.nspname, c.relname, string_agg(
       format('%I %s%s%s', a.attname, format_type(a.atttypid, a.atttypmod),
         CASE WHEN a.attcollation <> 0 THEN ' COLLATE "C"' ELSE '' END,
         CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END), ', ' ORDER BY a.attnum)) AS line
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
     WHERE n.nspname = $1 AND c.relkind = 'r' GROUP BY n.nspname, c.relname ORDER BY c.relname`,
    schema,
  )
  const constraints = await linesOf(
    server,
    `SELECT format('ALTER TABLE %I.%I ADD CONSTRAINT %I %s', n.nspname, c.relname, k.conname, pg_get_constraintdef(k.oid)) AS line
     FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = $1 AND k.contype IN ('p', 'u') ORDER BY k.conname`,
    schema,
  )
  const indexes = await linesOf(
    server,
    `SELECT indexdef AS line FROM pg_indexes WHERE schemaname = $1 AND indexname NOT IN (
       SELECT k.conname FROM pg_constraint k JOIN pg_namespace n ON n.oid = k.connamespace WHERE n.nspname = $1)
     ORDER BY indexname`,
    schema,
  )
  const rows = await Promise.all((await tablesIn(server, schema)).map((table) => rowsOf(server, schema, table)))
  const all = [`CREATE SCHEMA ${schema}`, ...tables, ...constraints, ...indexes, ...rows.flat()]
  return all.map((line) => `${line};\n`).join('')
}

async function linesOf(server: Server, sql: string, schema: string): Promise<readonly string[]> {
  return (await server.query<{ line: string }>(sql, [schema])).map(({ line }) => line)
}

function tablesIn(server: Server, schema: string): Promise<readonly string[]> {
  return linesOf(server, 'SELECT tablename AS line FROM pg_tables WHERE schemaname = $1 ORDER BY 1', schema)
}

async function rowsOf(server: Server, schema: string, table: string): Promise<readonly string[]> {
  const name = `"${schema}"."${table}"`
  const sql = `SELECT format('INSERT INTO ${name} SELECT * FROM json_populate_record(NULL::${name}, %L)', row_to_json(t)) AS line FROM ${name} t`
  return (await server.query<{ line: string }>(sql)).map(({ line }) => line)
}
