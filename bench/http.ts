/**
 * Requests per second of `/activate-key` and `/deactivate-key` on memory and SQLite, beside a bare Express handler
 * with the same body and an answer of the same size, in one run: the framework limit. Every activation is a new host,
 * every deactivation frees one of them. Rounds are interleaved, their order reversed every other round; each server
 * is a process of its own on the built package. Usage: tsx bench/http.ts [--short]
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { cpus, tmpdir, totalmem } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import autocannon from 'autocannon'

const KINDS = ['express', 'memory', 'sqlite'] as const
const PATHS = ['/activate-key', '/deactivate-key'] as const
const SHORT = process.argv.includes('--short')
const ROUNDS = SHORT ? 1 : 5
const REQUESTS = SHORT ? 2_000 : 20_000
const CONNECTIONS = 50

type Kind = (typeof KINDS)[number]
type Path = (typeof PATHS)[number]

interface Target {
  readonly url: string
  readonly productId: string
  readonly token: string
  readonly keys: readonly string[]
}

interface Sample {
  readonly perSecond: number
  readonly p50: number
  readonly p99: number
}

async function startServer(kind: Kind, folder: string): Promise<{ target: Target; child: ChildProcess }> {
  const script = fileURLToPath(new URL('http-server.mjs', import.meta.url))
  const child = spawn(process.execPath, [script, kind, folder], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string]
  return { target: JSON.parse(line) as Target, child }
}

/** Sends `amount` requests, each for the next host; refuses to report a run in which one of them failed. */
async function load(target: Target, path: Path, amount: number, hostPrefix: string): Promise<Sample> {
  let next = 0
  const startedAt = performance.now()
  // autocannon itself notices the end only at its next tick, a second apart.
  let endedAt = startedAt
  const options: autocannon.Options = {
    url: target.url,
    connections: CONNECTIONS,
    amount,
    requests: [
      {
        method: 'POST',
        path,
        headers: { 'content-type': 'application/json', authorization: `Bearer ${target.token}` },
        setupRequest(request) {
          const serial = next++
          const body = JSON.stringify({
            productId: target.productId,
            licenseKey: target.keys[serial % target.keys.length],
            hostId: `${hostPrefix}-${serial}`,
          })
          return { ...request, body }
        },
      },
    ],
  }
  const result = await new Promise<autocannon.Result>((resolve, reject) => {
    const running = autocannon(options, (error, done) => (error ? reject(error) : resolve(done)))
    running.on('response', () => {
      endedAt = performance.now()
    })
  })
  const seconds = (endedAt - startedAt) / 1000
  if (result['2xx'] !== amount || result.errors > 0) {
    throw new Error(
      `${path}: ${result['2xx']} of ${amount} succeeded, ${result.non2xx} refused, ${result.errors} failed`,
    )
  }
  return { perSecond: amount / seconds, p50: result.latency.p50, p99: result.latency.p99 }
}

async function measure(kind: Kind, round: number): Promise<Record<Path, Sample>> {
  const folder = await mkdtemp(join(tmpdir(), 'keyslot-bench-'))
  const { target, child } = await startServer(kind, folder)
  try {
    await load(target, '/activate-key', REQUESTS / 4, 'warm')
    await load(target, '/deactivate-key', REQUESTS / 4, 'warm')
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

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}

async function installedVersion(name: string): Promise<string> {
  const manifest = await readFile(new URL(`../node_modules/${name}/package.json`, import.meta.url), 'utf8')
  return `${name} ${(JSON.parse(manifest) as { version: string }).version}`
}

const samples: { kind: Kind; result: Record<Path, Sample> }[] = []
for (let round = 0; round < ROUNDS; round++) {
  for (const kind of round % 2 === 0 ? KINDS : [...KINDS].reverse()) {
    samples.push({ kind, result: await measure(kind, round) })
  }
}

const versions = await Promise.all(['express', 'better-sqlite3', 'jose', 'zod', 'autocannon'].map(installedVersion))
console.log(`${cpus().length} × ${cpus()[0]?.model}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}`)
console.log(`${versions.join(', ')}; SQLite synchronous=FULL`)
console.log(
  `${ROUNDS} rounds of ${REQUESTS} requests, ${CONNECTIONS} connections, load from the same machine; medians\n`,
)
console.log('| server | path | req/s | × bare Express | p50 ms | p99 ms |\n| --- | --- | --- | --- | --- | --- |')
for (const path of PATHS) {
  const rate = (kind: Kind) => median(of(kind, path).map(({ perSecond }) => perSecond))
  for (const kind of KINDS) {
    const ratio = (rate(kind) / rate('express')).toFixed(2)
    const p50 = median(of(kind, path).map((sample) => sample.p50))
    const p99 = median(of(kind, path).map((sample) => sample.p99))
    console.log(`| ${kind} | ${path} | ${Math.round(rate(kind))} | ${ratio} | ${p50} | ${p99} |`)
  }
}

function of(kind: Kind, path: Path): readonly Sample[] {
  return samples.filter((sample) => sample.kind === kind).map((sample) => sample.result[path])
}
