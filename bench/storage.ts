/**
 * What a claim costs in storage alone, without HTTP. Beside each adapter runs what it can be measured against: the bare
 * statements on the same driver and store. At size, see bench/scale.ts.
 *
 *   npx tsx bench/storage.ts [--rounds 5] [--ms 700]
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { memoryStorage } from '../src/storage/memory'
import { postgresStorage } from '../src/storage/postgres'
import { sqliteStorage } from '../src/storage/sqlite'
import { createStore } from '../src/storage/verbs/create-store'
import { startPostgres } from '../test/postgres/start-postgres'
import { fill } from './catalogue'
import { adapterClaims, anyOf, barePostgres, bareSqlite } from './claims'
import { conditions, markdownTable, whole } from './report'
import { measure } from './rounds'

const LICENSES = 1_000
const IN_FLIGHT = 32

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '5' }, ms: { type: 'string', default: '700' } },
})
const folder = mkdtempSync(join(tmpdir(), 'keyslot-bench-'))
const file = join(folder, 'licenses.db')
const server = await startPostgres()
const [memory, sqlite, postgres] = [
  createStore(memoryStorage()),
  createStore(sqliteStorage({ file })),
  createStore(postgresStorage({ connectionString: server.url })),
] as const
for (const store of [memory, sqlite, postgres]) await fill(store, LICENSES)
const draw = anyOf(LICENSES)
const bare = [1, IN_FLIGHT].map((inFlight) =>
  barePostgres(`bare statements on PostgreSQL, ${inFlight} in flight`, server.url, draw, inFlight),
)

const results = await measure(
  [
    adapterClaims(`memory, ${IN_FLIGHT} in flight`, memory, draw, IN_FLIGHT),
    adapterClaims('SQLite, 1 in flight', sqlite, draw, 1),
    bareSqlite('bare statements on SQLite, 1 per transaction', file, draw, 1),
    adapterClaims(`SQLite, ${IN_FLIGHT} in flight`, sqlite, draw, IN_FLIGHT),
    bareSqlite(`bare statements on SQLite, ${IN_FLIGHT} per transaction`, file, draw, IN_FLIGHT),
    ...[1, IN_FLIGHT].flatMap((inFlight, index) => [
      adapterClaims(`PostgreSQL, ${inFlight} in flight`, postgres, draw, inFlight),
      ...bare.slice(index, index + 1),
    ]),
  ],
  Number(values.rounds),
  Number(values.ms),
)

const [version] = await server.query<{ server_version: string }>('SHOW server_version')
for (const { end } of bare) await end()
for (const store of [memory, sqlite, postgres]) await store.close()
await server.dispose()
rmSync(folder, { recursive: true })

console.log(await conditions(['better-sqlite3', 'pg']))
console.log(`PostgreSQL ${version?.server_version}; every write waits for the disk; ${values.rounds} rounds, medians\n`)
const rows = results.map(({ name, opsPerSecond }) => [name, whole(opsPerSecond)])
console.log(markdownTable([`claims and releases on ${LICENSES} licenses`, 'ops/s'], rows))
