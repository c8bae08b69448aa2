/**
 * What a claim costs in storage alone, without HTTP: claim and release of one activation, each counted as one op, on
 * licenses drawn at random. A release puts a token on the revocation list, too. Beside each adapter runs what it can be
 * measured against: the bare statements on better-sqlite3, on the same file.
 *
 *   npx tsx bench/storage.ts                 1,000 licenses, under 30 seconds
 *   npx tsx bench/storage.ts --scale 1e6     1,000 and 1,000,000 licenses, and what the difference costs
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import Database from 'better-sqlite3'
import { DEFAULT_ACCOUNT_ID } from '../src/server/domain/account'
import type { License } from '../src/server/domain/license'
import type { Storage } from '../src/server/storage/contract'
import { memoryStorage } from '../src/server/storage/memory'
import { sqliteStorage } from '../src/server/storage/sqlite'

const BASE_SCALE = 1_000
const IN_FLIGHT = 32
const now = new Date('2026-03-01T12:00:00Z')

/** A seeded generator, so that runs draw the same licenses. */
function createRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

const random = createRandom(20_260_301)

/** Spread evenly, as real keys are: neighbours in the index were not made together. */
function keyOf(index: number): string {
  const scattered = Math.imul(index, 2_654_435_761) >>> 0
  return `${scattered.toString(36).toUpperCase().padStart(7, '0')}-${String(index).padStart(7, '0')}-BENCH-KEY`
}

function hostOf(number: number): string {
  return `h1.${String(number).padStart(43, 'x')}`
}

interface Subject {
  readonly name: string
  /** Does claim-and-release pairs, `inFlight` at a time, until the time is up; returns the number of ops. */
  run(forMs: number): Promise<number>
}

interface Measured {
  readonly name: string
  readonly opsPerSecond: number
}

function adapterSubject(name: string, storage: Storage, scale: number, inFlight: number): Subject {
  let serial = 0
  async function pair() {
    const hostId = hostOf(serial++)
    const target = { canonicalKey: keyOf(Math.floor(random() * scale)), productId: 'prod_bench' }
    const activation = {
      id: `act_${hostId}`,
      hostId,
      deviceTag: null,
      address: '192.0.2.1',
      appVersion: '1.0.0',
      licensee: null,
      jti: hostId,
    }
    const claimed = await storage.claimActivation(DEFAULT_ACCOUNT_ID, target, activation, { now })
    if (claimed.kind !== 'created') throw new Error(claimed.kind)
    const released = await storage.releaseActivation(DEFAULT_ACCOUNT_ID, { ...target, hostId }, { now })
    if (released.kind !== 'released') throw new Error(released.kind)
  }
  return {
    name,
    async run(forMs) {
      const endAt = performance.now() + forMs
      let ops = 0
      const loop = async () => {
        while (performance.now() < endAt) {
          await pair()
          ops += 2
        }
      }
      await Promise.all(Array.from({ length: inFlight }, loop))
      return ops
    },
  }
}

/** The least that keeps the limit: a guarded UPDATE and an INSERT; a DELETE and an UPDATE. No rules, no rows read. */
function rawSubject(name: string, file: string, scale: number, perTransaction: number): Subject {
  const database = new Database(file)
  database.pragma('synchronous = FULL')
  const take = database.prepare<[string]>(`
    UPDATE licenses SET activation_count = activation_count + 1
    WHERE canonical_key = ? AND activation_count < max_activations RETURNING seq`)
  const insert = database.prepare(`
    INSERT INTO activations (license_seq, host_id, id, address, app_version, jti, tokens_end_at, activated_at, last_seen_at)
    VALUES (?, ?, ?, '192.0.2.1', '1.0.0', ?, ?, ?, ?)`)
  const remove = database.prepare('DELETE FROM activations WHERE license_seq = ? AND host_id = ?')
  const free = database.prepare('UPDATE licenses SET activation_count = activation_count - 1 WHERE seq = ?')
  const at = now.getTime()
  let serial = 0

  const claims = database.transaction((count: number) =>
    Array.from({ length: count }, () => {
      const hostId = hostOf(serial++)
      const { seq } = take.get(keyOf(Math.floor(random() * scale))) as { seq: number }
      insert.run(seq, hostId, `act_${hostId}`, hostId, at, at, at)
      return { seq, hostId }
    }),
  )
  const releases = database.transaction((claimed: readonly { seq: number; hostId: string }[]) => {
    for (const { seq, hostId } of claimed) {
      remove.run(seq, hostId)
      free.run(seq)
    }
  })
  return {
    name,
    async run(forMs) {
      const endAt = performance.now() + forMs
      let ops = 0
      while (performance.now() < endAt) {
        releases.immediate(claims.immediate(perTransaction))
        ops += 2 * perTransaction
      }
      return ops
    },
  }
}

async function fill(storage: Storage, scale: number) {
  await storage.open()
  await storage.insertAccount({ id: DEFAULT_ACCOUNT_ID, name: 'Bench', plan: 'pro', createdAt: now })
  const product = { id: 'prod_bench', name: 'Bench', active: true, offlineLifetimeSeconds: 1, graceSeconds: 1 }
  await storage.insertProduct(DEFAULT_ACCOUNT_ID, { ...product, entitlements: [], createdAt: now }, { now })
  for (let start = 0; start < scale; start += 1_000) {
    const licenses = Array.from({ length: Math.min(1_000, scale - start) }, (_, offset) => newLicense(start + offset))
    await storage.insertLicenses(DEFAULT_ACCOUNT_ID, { licenses }, { now })
  }
}

function newLicense(index: number): License {
  return {
    id: `lic_${String(index).padStart(22, '0')}`,
    accountId: DEFAULT_ACCOUNT_ID,
    key: keyOf(index),
    canonicalKey: keyOf(index),
    productIds: ['prod_bench'],
    customerId: null,
    type: 'node-locked',
    maxActivations: 100,
    activationCount: 0,
    expiresAt: null,
    soldFor: null,
    activationDuration: null,
    blocked: false,
    metadata: null,
    allowedHosts: null,
    versionId: null,
    resetCount: 0,
    tokenGeneration: 0,
    cleanable: false,
    maxConcurrentSessions: null,
    heartbeatIntervalSeconds: null,
    sessionLeaseSeconds: null,
    createdAt: now,
    updatedAt: now,
  }
}

/** Medians of interleaved rounds, the order turned round each time: what drifts, drifts for all. */
async function measure(subjects: readonly Subject[], rounds: number, forMs: number): Promise<readonly Measured[]> {
  const samples = new Map<string, number[]>(subjects.map(({ name }) => [name, []]))
  for (const { run } of subjects) await run(forMs / 3)
  for (let round = 0; round < rounds; round++) {
    for (const { name, run } of round % 2 === 0 ? subjects : subjects.toReversed()) {
      const startedAt = performance.now()
      const ops = await run(forMs)
      samples.get(name)?.push((ops * 1000) / (performance.now() - startedAt))
    }
  }
  return subjects.map(({ name }) => ({ name, opsPerSecond: median(samples.get(name) ?? []) }))
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}

async function benchAt(scale: number, rounds: number, forMs: number): Promise<readonly Measured[]> {
  const folder = mkdtempSync(join(tmpdir(), 'keyslot-bench-'))
  const file = join(folder, 'licenses.db')
  const [memory, sqlite] = [memoryStorage(), sqliteStorage({ file })]
  try {
    for (const storage of [memory, sqlite]) {
      const startedAt = performance.now()
      await fill(storage, scale)
      const seconds = (performance.now() - startedAt) / 1000
      console.error(`filled ${storage.name} with ${scale} licenses in ${seconds.toFixed(1)} s`)
    }
    return await measure(
      [
        adapterSubject(`memory, ${IN_FLIGHT} in flight`, memory, scale, IN_FLIGHT),
        adapterSubject('sqlite, 1 in flight', sqlite, scale, 1),
        adapterSubject(`sqlite, ${IN_FLIGHT} in flight`, sqlite, scale, IN_FLIGHT),
        rawSubject('bare statements, 1 per transaction', file, scale, 1),
        rawSubject(`bare statements, ${IN_FLIGHT} per transaction`, file, scale, IN_FLIGHT),
      ],
      rounds,
      forMs,
    )
  } finally {
    await memory.close()
    await sqlite.close()
    rmSync(folder, { recursive: true })
  }
}

function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [line(header), line(header.map(() => '---')), ...rows.map(line)].join('\n')
}

async function main() {
  const { values } = parseArgs({
    options: {
      scale: { type: 'string' },
      rounds: { type: 'string', default: '5' },
      ms: { type: 'string', default: '700' },
    },
  })
  const scales = values.scale === undefined ? [BASE_SCALE] : [BASE_SCALE, Number(values.scale)]
  const results: (readonly Measured[])[] = []
  for (const scale of scales) results.push(await benchAt(scale, Number(values.rounds), Number(values.ms)))

  const database = new Database(':memory:')
  const version = database.prepare('SELECT sqlite_version()').pluck().get()
  const cpu = cpus()
  console.log(`${cpu.length} × ${cpu[0]?.model.trim()}, Node ${process.version}, SQLite ${version}, synchronous=FULL\n`)
  const header = ['claim and release, ops/s', ...scales.map((scale) => `${scale} licenses`)]
  if (scales.length > 1) header.push('cost ratio')
  const rows = (results[0] ?? []).map(({ name }, index) => {
    const speeds = results.map((result) => result[index]?.opsPerSecond ?? Number.NaN)
    const cells = [name, ...speeds.map((speed) => Math.round(speed).toLocaleString('en'))]
    const [base = Number.NaN, large] = speeds
    return large === undefined ? cells : [...cells, (base / large).toFixed(2)]
  })
  console.log(table(header, rows))
}

await main()
