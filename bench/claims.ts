import Database from 'better-sqlite3'
import pg from 'pg'
import { DEFAULT_ACCOUNT_ID } from '../src/domain/account'
import type { Store } from '../src/storage/verbs/store'
import { newActivation } from '../test/storage/verbs/kit/entities'
import { createRandom, hostOf, keyOf, NOW, PRODUCT } from './catalogue'
import type { Subject } from './rounds'

/**
 * Claims and releases of one activation, each counted as one operation, on licenses drawn at random. A release puts a token
 * on the revocation list, too.
 */
const random = createRandom(20_260_301)
let serial = 0

/** Draws a key among the first so many licenses. */
export function anyOf(licenses: number): () => string {
  return () => keyOf(Math.floor(random() * licenses))
}

export function adapterClaims(name: string, store: Store, drawKey: () => string, inFlight: number): Subject {
  async function pair() {
    const hostId = hostOf(serial++)
    const target = { canonicalKey: drawKey(), productId: PRODUCT.id }
    const activation = newActivation(hostId, { address: '192.0.2.1', appVersion: '1.0.0' })
    const claimed = await store.claimActivation(DEFAULT_ACCOUNT_ID, target, activation, { now: NOW })
    if (claimed.kind !== 'created') throw new Error(claimed.kind)
    const released = await store.releaseActivation(DEFAULT_ACCOUNT_ID, { ...target, hostId }, { now: NOW })
    if (released.kind !== 'released') throw new Error(released.kind)
  }
  return { name, run: (forMs) => repeat(pair, 2, inFlight, forMs) }
}

/** The least that keeps the limit: a guarded UPDATE and an INSERT; a DELETE and an UPDATE. No rules, no rows read. */
export function bareSqlite(name: string, file: string, drawKey: () => string, perTransaction: number): Subject {
  const database = new Database(file)
  database.pragma('synchronous = FULL')
  const take = database.prepare<[string]>(`
    UPDATE licenses SET activation_count = activation_count + 1
    WHERE canonical_key = ? AND activation_count < max_activations RETURNING id, slot_generation AS generation`)
  const insert = database.prepare(`
    INSERT INTO activations (license_id, host_id, id, address, app_version, jti, tokens_end_at, activated_at, last_seen_at,
      recency, stamp_floor, generation, revision)
    VALUES (?, ?, ?, '192.0.2.1', '1.0.0', ?, ?, ?, ?, ?, 0, ?, 1)`)
  const remove = database.prepare('DELETE FROM activations WHERE license_id = ? AND generation = ? AND host_id = ?')
  const free = database.prepare('UPDATE licenses SET activation_count = activation_count - 1 WHERE id = ?')
  const at = NOW.getTime()

  const claims = database.transaction((count: number) =>
    Array.from({ length: count }, () => {
      const hostId = hostOf(serial++)
      const { id, generation } = take.get(drawKey()) as { id: string; generation: number }
      insert.run(id, hostId, `act_${hostId}`, hostId, at, at, at, -at, generation)
      return { id, hostId, generation }
    }),
  )
  const releases = database.transaction((claimed: ReturnType<typeof claims>) => {
    for (const { id, hostId, generation } of claimed) {
      remove.run(id, generation, hostId)
      free.run(id)
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

/** The same, each pair of statements as one, over a pool of ten connections. */
export function barePostgres(
  name: string,
  url: string,
  drawKey: () => string,
  inFlight: number,
): Subject & { end(): Promise<void> } {
  const pool = new pg.Pool({ connectionString: url, max: 10 })
  const take = `WITH taken AS (
      UPDATE keyslot.licenses SET activation_count = activation_count + 1
      WHERE canonical_key = $1 AND activation_count < max_activations RETURNING id, slot_generation)
    INSERT INTO keyslot.activations
      (license_id, host_id, id, address, app_version, jti, tokens_end_at, activated_at, last_seen_at, recency, stamp_floor,
       generation, revision)
    SELECT id, $2, $3, '192.0.2.1', '1.0.0', $2, $4, $4, $4, -$4::bigint, 0, slot_generation, 1 FROM taken`
  const free = `WITH freed AS (DELETE FROM keyslot.activations WHERE host_id = $2 AND (license_id, generation) = (
      SELECT id, slot_generation FROM keyslot.licenses WHERE canonical_key = $1) RETURNING license_id)
    UPDATE keyslot.licenses SET activation_count = activation_count - 1 WHERE id = (SELECT license_id FROM freed)`
  async function pair() {
    const [key, hostId] = [drawKey(), hostOf(serial++)]
    await pool.query(take, [key, hostId, `act_${hostId}`, NOW.getTime()])
    await pool.query(free, [key, hostId])
  }
  return { name, run: (forMs) => repeat(pair, 2, inFlight, forMs), end: () => pool.end() }
}

async function repeat(work: () => Promise<void>, opsEach: number, inFlight: number, forMs: number): Promise<number> {
  const endAt = performance.now() + forMs
  let ops = 0
  const loop = async () => {
    while (performance.now() < endAt) {
      await work()
      ops += opsEach
    }
  }
  await Promise.all(Array.from({ length: inFlight }, loop))
  return ops
}
