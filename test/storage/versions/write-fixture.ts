/**
 * Writes what this build keeps, as a database file and as a dump, under the version of its schema: once for each version,
 * with the build that brings it. `npx tsx test/storage/versions/write-fixture.ts`
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { encodeOutcome } from '../../../src/storage/outcome-codec'
import { SCHEMA } from '../../../src/storage/tables'
import type { Store } from '../../../src/storage/verbs/store'
import { startPostgres } from '../../postgres/start-postgres'
import { ACCOUNT, NOW, newIdempotency } from '../verbs/kit/entities'
import { EVERY_KIND, exportAll, importAll } from '../verbs/kit/transfer-scene'
import { postgresStore, sqliteStore } from '../verbs/stores'
import { dumpOf } from './dump'
import { FOLDER, SCHEMA_NAME } from './fixtures'

/** Every kind of record, and an outcome that is kept for whoever asks again. */
async function fill(store: Store) {
  await store.open()
  await importAll(store, EVERY_KIND)
  const step = { now: NOW, idempotency: newIdempotency('kept') }
  await store.updateCustomer(ACCOUNT.id, 'cus_full', { active: true }, step)
  const records = await exportAll(store)
  await store.close()
  return records
}

function keep(name: string, content: string | Buffer) {
  const path = `${FOLDER}${SCHEMA.version}.${name}.gz`
  if (existsSync(path)) throw new Error(`${path} is there: a version that was released stays as it is`)
  writeFileSync(path, gzipSync(content, { level: 9 }))
}

const folder = mkdtempSync(join(tmpdir(), 'keyslot-version-'))
const server = await startPostgres()
try {
  const file = join(folder, 'licenses.db')
  const records = await fill(sqliteStore({ file }))
  await fill(postgresStore({ connectionString: server.url, schema: SCHEMA_NAME }))
  keep('db', readFileSync(file))
  keep('sql', await dumpOf(server, SCHEMA_NAME))
  keep('json', encodeOutcome(records))
} finally {
  rmSync(folder, { recursive: true })
  await server.dispose()
}
