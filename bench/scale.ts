/**
 * What size costs. Stores of 1,000 and of many licenses, three activations each, are made by `keyslot import` (its rate
 * and memory are told), in SQLite and in PostgreSQL; then, interleaved, claims on both: in storage alone, and over HTTP
 * through `keyslot serve`. Also one license with very many activations beside one with ten.
 *
 *   npx tsx bench/scale.ts [--licenses 1000000] [--rounds 5] [--ms 2000] [--requests 10000]
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { postgresStorage } from '../src/storage/postgres'
import { sqliteStorage } from '../src/storage/sqlite'
import { createStore } from '../src/storage/verbs/create-store'
import type { Store } from '../src/storage/verbs/store'
import { startPostgres } from '../test/postgres/start-postgres'
import { keyOf, PRODUCT } from './catalogue'
import { adapterClaims, anyOf, barePostgres, bareSqlite } from './claims'
import { load, type Target } from './http-load'
import { conditions, markdownTable, whole } from './report'
import { type Measured, measure, median, type Subject } from './rounds'

const BASE = 1_000
const ACTIVATIONS_EACH = 3
const IN_FLIGHT = [1, 32] as const

const { values } = parseArgs({
  options: {
    licenses: { type: 'string', default: '1000000' },
    rounds: { type: 'string', default: '5' },
    ms: { type: 'string', default: '2000' },
    requests: { type: 'string', default: '10000' },
  },
})
const MANY = Number(values.licenses)
const CONNECTIONS = 50
const ROUNDS = Number(values.rounds)
const CLI = fileURLToPath(new URL('../dist/cli/index.js', import.meta.url))

const folder = await mkdtemp(join(tmpdir(), 'keyslot-scale-'))
const [large, small] = await Promise.all([
  startPostgres({ settings: { shared_buffers: '1GB', max_wal_size: '4GB' } }),
  startPostgres({ settings: { shared_buffers: '1GB', max_wal_size: '4GB' } }),
])
const files = { [BASE]: join(folder, 'base.db'), [MANY]: join(folder, 'many.db') }
const servers = { [BASE]: small, [MANY]: large }

/** As a vendor would write it for `keyslot import`. */
function* lines(licenses: number): Iterable<string> {
  yield `${JSON.stringify({ kind: 'product', id: PRODUCT.id, name: PRODUCT.name })}\n`
  for (let index = 0; index < licenses; index++) {
    const activations = Array.from({ length: ACTIVATIONS_EACH }, (_, n) => ({
      hostId: `h1.${String(index * ACTIVATIONS_EACH + n).padStart(43, 'y')}`,
    }))
    const license = { kind: 'license', key: keyOf(index), product: PRODUCT.id, maxActivations: 100, activations }
    yield `${JSON.stringify(license)}\n`
  }
}

/** Two licenses without a limit, one with many activations and one with ten. */
function* crowds(activations: number): Iterable<string> {
  for (const [key, count] of [
    ['CROWD-OF-MANY', activations],
    ['CROWD-OF-TEN', 10],
  ] as const) {
    yield `${JSON.stringify({ kind: 'license', key, product: PRODUCT.id, maxActivations: null })}\n`
    for (let index = 0; index < count; index++) {
      yield `${JSON.stringify({ kind: 'activation', licenseKey: key, hostId: `h1.${String(index).padStart(43, 'z')}` })}\n`
    }
  }
}

async function writeLines(name: string, content: Iterable<string>): Promise<string> {
  const file = join(folder, name)
  await pipeline(Readable.from(content), createWriteStream(file))
  return file
}

interface Imported {
  readonly seconds: number
  readonly peakMegabytes: number
}

/** Runs `keyslot import`, and asks the system how much memory it had at most. */
async function importInto(storage: string, file: string): Promise<Imported> {
  const startedAt = performance.now()
  const report = 'process.on("exit", () => console.error("rss", process.resourceUsage().maxRSS))'
  const child = spawn(
    process.execPath,
    ['--import', `data:text/javascript,${encodeURIComponent(report)}`, CLI, 'import', file, '--storage', storage],
    { stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, HOME: folder }, cwd: folder },
  )
  let said = ''
  child.stderr.on('data', (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(-4_000)
  })
  const [code] = await once(child, 'close')
  if (code !== 0) throw new Error(`keyslot import ended with ${code}: ${said}`)
  return {
    seconds: (performance.now() - startedAt) / 1000,
    peakMegabytes: Number(/rss (\d+)/.exec(said)?.[1]) / 1024,
  }
}

async function serve(kind: 'sqlite' | 'postgres', licenses: number): Promise<{ target: Target; child: ChildProcess }> {
  const args = [CLI, 'serve', '--storage', storages(kind, licenses), '--port', '0', '--json', '--no-rate-limit']
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'], cwd: folder })
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string]
  const { url, secretToken } = JSON.parse(line) as { readonly url: string; readonly secretToken: string }
  const target = { url, productId: PRODUCT.id, token: secretToken, keyOf: anyOf(licenses) }
  return { target, child }
}

function storages(kind: 'sqlite' | 'postgres', licenses: number): string {
  return kind === 'sqlite' ? `sqlite:${files[licenses]}` : (servers[licenses]?.url ?? '')
}

async function overHttp(kind: 'sqlite' | 'postgres'): Promise<readonly string[]> {
  const rates = new Map<number, number[]>([
    [BASE, []],
    [MANY, []],
  ])
  for (let round = 0; round < ROUNDS; round++) {
    for (const licenses of round % 2 === 0 ? [BASE, MANY] : [MANY, BASE]) {
      const { target, child } = await serve(kind, licenses)
      const amount = Number(values.requests)
      const prefix = `http-${licenses}-${round}-${process.pid}`
      await load(target, 'activate', { amount: amount / 4, connections: CONNECTIONS, hosts: `${prefix}-warm` })
      const { perSecond } = await load(target, 'activate', { amount, connections: CONNECTIONS, hosts: prefix })
      rates.get(licenses)?.push(perSecond)
      child.kill()
      await once(child, 'exit')
    }
  }
  const [base = Number.NaN, many = Number.NaN] = [median(rates.get(BASE) ?? []), median(rates.get(MANY) ?? [])]
  return [`${kind}, /activate-key, ${CONNECTIONS} connections`, whole(base), whole(many), (base / many).toFixed(2)]
}

async function inStorage(): Promise<readonly (readonly string[])[]> {
  const opened: Store[] = []
  const pools: { end(): Promise<void> }[] = []
  const subjects: Subject[] = []
  for (const licenses of [BASE, MANY]) {
    const draw = anyOf(licenses)
    const sqlite = createStore(sqliteStorage({ file: files[licenses] ?? '' }))
    const postgres = createStore(postgresStorage({ connectionString: servers[licenses]?.url }))
    opened.push(sqlite, postgres)
    for (const store of [sqlite, postgres]) await store.open()
    for (const inFlight of IN_FLIGHT) {
      const bare = barePostgres(
        `bare PostgreSQL, ${inFlight}:${licenses}`,
        servers[licenses]?.url ?? '',
        draw,
        inFlight,
      )
      pools.push(bare)
      subjects.push(
        adapterClaims(`SQLite, ${inFlight}:${licenses}`, sqlite, draw, inFlight),
        bareSqlite(`bare SQLite, ${inFlight}:${licenses}`, files[licenses] ?? '', draw, inFlight),
        adapterClaims(`PostgreSQL, ${inFlight}:${licenses}`, postgres, draw, inFlight),
        bare,
      )
    }
    if (licenses === MANY) continue
    for (const [name, store] of [
      ['SQLite', sqlite],
      ['PostgreSQL', postgres],
    ] as const) {
      subjects.push(adapterClaims(`${name}, crowd:ten`, store, () => 'CROWD-OF-TEN', 1))
      subjects.push(adapterClaims(`${name}, crowd:many`, store, () => 'CROWD-OF-MANY', 1))
    }
  }
  const measured = await measure(subjects, ROUNDS, Number(values.ms))
  for (const { end } of pools) await end()
  for (const store of opened) await store.close()
  return compare(measured)
}

/** Names are `what:size`; the sizes of one thing make a row. */
function compare(measured: readonly Measured[]): readonly (readonly string[])[] {
  const byName = new Map<string, number[]>()
  for (const { name, opsPerSecond } of measured) {
    const what = name.slice(0, name.lastIndexOf(':'))
    byName.set(what, [...(byName.get(what) ?? []), opsPerSecond])
  }
  return [...byName].map(([what, [base = Number.NaN, many = Number.NaN]]) => {
    const label = what.endsWith('crowd')
      ? `${what}: 10 and ${whole(MANY)} activations of one license`
      : `${what} in flight`
    return [label, whole(base), whole(many), (base / many).toFixed(2)]
  })
}

try {
  const crowd = await writeLines('crowd.jsonl', crowds(MANY))
  const imports: string[][] = []
  for (const licenses of [BASE, MANY]) {
    const file = await writeLines(`${licenses}.jsonl`, lines(licenses))
    for (const kind of ['sqlite', 'postgres'] as const) {
      const { seconds, peakMegabytes } = await importInto(storages(kind, licenses), file)
      const records = licenses * (1 + ACTIVATIONS_EACH)
      imports.push([kind, whole(licenses), seconds.toFixed(1), whole(records / seconds), whole(peakMegabytes)])
      console.error(`imported ${licenses} licenses into ${kind} in ${seconds.toFixed(1)} s`)
    }
  }
  for (const kind of ['sqlite', 'postgres'] as const) await importInto(storages(kind, BASE), crowd)
  for (const server of [small, large]) await server.query('VACUUM ANALYZE')
  // What the imports wrote must be on the disk by now: else claims wait for the rest of it.
  execFileSync('sync')

  const header = ['claims', `${whole(BASE)} licenses, per s`, `${whole(MANY)} licenses, per s`, 'cost ratio']
  const alone = await inStorage()
  const http = [await overHttp('sqlite'), await overHttp('postgres')]
  const [version] = await small.query<{ server_version: string }>('SHOW server_version')
  console.log(await conditions(['express', 'better-sqlite3', 'pg', 'autocannon']))
  console.log(
    `PostgreSQL ${version?.server_version} (shared_buffers 1 GB); every write waits for the disk; ${ROUNDS} rounds, medians\n`,
  )
  console.log(markdownTable(['import into', 'licenses, with 3 activations each', 's', 'records/s', 'peak MB'], imports))
  console.log(`\n${markdownTable(header, [...alone, ...http])}`)
} finally {
  await small.dispose()
  await large.dispose()
  await rm(folder, { recursive: true })
}
