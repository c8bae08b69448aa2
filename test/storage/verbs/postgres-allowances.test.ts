import type pg from 'pg'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { MOVES, SLOT_STEPS, spend, spendAndForget, takeSlotSteps } from './allowance-scene'
import { ACCOUNT, after, claim, NOW, newActivation, newProofKey, sell } from './kit/entities'
import { tally } from './kit/outcomes'
import { createPostgresScratch } from './postgres-scratch'

const scratch = createPostgresScratch()

const others: pg.PoolClient[] = []
afterEach(() => {
  // A test that failed is still in its transaction, and would keep its schema from being dropped.
  for (const other of others.splice(0)) other.release(true)
})

/** Somebody else, in a transaction. */
async function begin(pool: pg.Pool, statement: string): Promise<pg.PoolClient> {
  const other = await pool.connect()
  others.push(other)
  await other.query(`BEGIN; ${statement}`)
  return other
}

describe('an allowance', () => {
  it('is decided on anew where another process was faster', async () => {
    const place = await scratch.schema()
    const { schema, pool } = place
    const storage = await scratch.open(place)
    const { license } = await sell(storage, { maxActivations: null })
    await spend(storage, 'a')
    await spend(storage, 'b')
    const full = (await pool.query(`SELECT spent::text FROM ${schema}.allowances`)).rows[0].spent
    await storage.resetLicense(ACCOUNT.id, { canonicalKey: license.canonicalKey }, { now: NOW })
    await spend(storage, 'a')

    const other = await begin(pool, `SELECT * FROM ${schema}.allowances FOR UPDATE`)
    const waiting = spend(storage, 'c')
    const isWaiting = `SELECT count(*)::int AS count FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE $1`
    const look = async () => expect((await pool.query(isWaiting, [`%${schema}%`])).rows).toEqual([{ count: 1 }])
    await vi.waitFor(look, { timeout: 10_000, interval: 10 })
    await other.query(`UPDATE ${schema}.allowances SET spent = $1, revision = revision + 1`, [full])
    await other.query('COMMIT')
    expect(await waiting).toEqual({ kind: 'exhausted', retryAt: after(MOVES.periodMs) })
  })

  it('is refused by reading', async () => {
    const place = await scratch.schema()
    const storage = await scratch.open(place, { lockTimeoutMs: 500 })
    await sell(storage, { maxActivations: null })
    expect(tally([await spend(storage, 'a'), await spend(storage, 'b')])).toEqual({ spent: 2 })
    const other = await begin(place.pool, `SELECT * FROM ${place.schema}.licenses FOR UPDATE`)
    const outcomes = [await spend(storage, 'c'), await spend(storage, 'a', 'KEY-NO')]
    await other.query('ROLLBACK')
    expect(tally(outcomes)).toEqual({ exhausted: 1, gone: 1 })
  })

  it('leaves nothing behind once its license is gone or was reset', async () => {
    const place = await scratch.schema()
    await spendAndForget(await scratch.open(place))
    const left = `SELECT license_id FROM ${place.schema}.allowances`
    expect((await place.pool.query(left)).rows).toEqual([{ license_id: 'lic_4' }])
  })
})

describe('claims and releases', () => {
  it('write no allowance, and wait for nobody who is at them', async () => {
    const place = await scratch.schema()
    const storage = await scratch.open(place, { lockTimeoutMs: 500 })
    const sale = await sell(storage)
    const other = await begin(place.pool, `LOCK TABLE ${place.schema}.allowances IN EXCLUSIVE MODE`)
    const kinds = await takeSlotSteps(storage, sale)
    await other.query('ROLLBACK')
    expect(kinds).toEqual(SLOT_STEPS)
  })

  it('decide on a bound host without a lock only where nothing is written', async () => {
    const place = await scratch.schema()
    const storage = await scratch.open(place, { lockTimeoutMs: 500 })
    const sale = await sell(storage)
    const bound = (name: string) => newActivation('host-1', { proofKey: newProofKey(name) })
    await claim(storage, sale, bound('own'))
    const other = await begin(place.pool, `SELECT * FROM ${place.schema}.licenses FOR UPDATE`)
    expect((await claim(storage, sale, bound('own'))).kind).toBe('existing')
    expect((await claim(storage, sale, 'host-1')).kind).toBe('proof-required')
    await expect(claim(storage, sale, bound('new'))).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE' })
    await other.query('ROLLBACK')
    expect((await claim(storage, sale, bound('new'))).kind).toBe('rebound')
  })
})
