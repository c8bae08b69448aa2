import pg from 'pg'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { PostgresStorageOptions } from '../../../src/storage/postgres'
import type { Store } from '../../../src/storage/verbs/store'
import { TcpProxy, type Weather } from '../../postgres/tcp-proxy'
import { ACCOUNT, claim, NOW, newActivation, newIdempotency, newLicense, type Sale, sell } from './kit/entities'
import { takenSlots } from './kit/observations'
import { countRows, createPostgresScratch, say } from './postgres-scratch'
import { postgresStore } from './stores'

const LIMITS = { connectTimeoutMs: 500, lockTimeoutMs: 500, statementTimeoutMs: 500 }
/** A connection, and a statement with the second it is given to be ended by the server; and a slow machine. */
const BOUND_MS = 500 + 500 + 1000 + 2000

/** Where a statement by itself would run in another isolation level, each takes a transaction: BEGIN, statement, COMMIT. */
const IN_TRANSACTIONS = { options: '-c default_transaction_isolation=serializable' }
/** What only the write of a reset says: the outcome that its idempotency record keeps. */
const WRITE_OF_RESET = 'resetCount'

const UNAVAILABLE = { code: 'STORAGE_UNAVAILABLE', detail: { retryAfterSeconds: 1 } }

const scratch = createPostgresScratch()
const proxies: TcpProxy[] = []
const uncaught: unknown[] = []
process.on('uncaughtExceptionMonitor', (error) => uncaught.push(error))

afterEach(async () => {
  for (const proxy of proxies.splice(0)) await proxy.close()
  expect(uncaught).toEqual([])
})

/** A store behind a proxy, and a handle on it past the proxy. */
async function storeBehindProxy(options: Partial<PostgresStorageOptions> = {}) {
  const { url, schema, pool } = await scratch.schema()
  const proxy = new TcpProxy([Number(new URL(url).port)])
  await proxy.listen()
  proxies.push(proxy)
  const direct = await scratch.open({ url, schema }, LIMITS)
  const through = Object.assign(new URL(url), { port: String(proxy.port) }).href
  const storage = await scratch.open({ url: through, schema }, { ...LIMITS, ...options })
  return { proxy, direct, storage, sale: await sell(direct, { maxActivations: null }), through, schema, pool }
}

/** How long it takes to be refused. */
async function timeToRefusal(call: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now()
  await expect(call()).rejects.toMatchObject(UNAVAILABLE)
  return performance.now() - startedAt
}

const reset = (storage: Store, sale: Sale, idempotencyKey?: string) => {
  const idempotency = idempotencyKey === undefined ? {} : { idempotency: newIdempotency(idempotencyKey) }
  return storage.resetLicense(ACCOUNT.id, sale.target, { now: NOW, ...idempotency })
}

describe('a network that fails', () => {
  it.each<Weather>(['refuse', 'reset', 'black-hole'])(
    '(%s) is told in time, and forgotten once it works again',
    async (weather) => {
      const { proxy, direct, storage, sale, through, schema } = await storeBehindProxy()
      await claim(storage, sale, 'before')
      await proxy.turn(weather)
      const late = postgresStore({ connectionString: through, schema, ...LIMITS })
      const calls = [
        ...Array.from({ length: 20 }, (_, index) => () => claim(storage, sale, `during-${index}`)),
        () => storage.ping(),
        () => storage.findLicense(ACCOUNT.id, sale.license.canonicalKey),
        () => reset(storage, sale),
        () => late.open(),
      ]
      const times = await Promise.all(calls.map(timeToRefusal))
      expect(Math.max(...times)).toBeLessThan(BOUND_MS)

      const startedAt = performance.now()
      await proxy.turn('pass')
      await vi.waitFor(() => claim(storage, sale, 'after'), { timeout: 10_000, interval: 10 })
      say(`network, ${weather}`, {
        longestMs: Math.round(Math.max(...times)),
        recoveryMs: Math.round(performance.now() - startedAt),
      })
      expect(await takenSlots(direct, sale)).toBe(2)
    },
  )

  it('is waited for where it is only slow, as long as each statement has time', async () => {
    const { proxy, storage, sale } = await storeBehindProxy({ maxConnections: 1 })
    proxy.delayMs = 150
    expect((await claim(storage, sale, 'host-1')).kind).toBe('created')
    expect((await reset(storage, sale)).kind).toBe('reset')
    proxy.delayMs = 1500
    expect(await timeToRefusal(() => claim(storage, sale, 'host-2'))).toBeLessThan(BOUND_MS)
    proxy.delayMs = 0
    await vi.waitFor(() => claim(storage, sale, 'host-2'), { timeout: 10_000, interval: 10 })
    expect(await takenSlots(storage, sale)).toBe(1)
  })
})

describe('a connection that is cut with the outcome unknown', () => {
  it.each(['before', 'after'] as const)('(%s the server has done it): the repeat has one effect', async (when) => {
    const { proxy, direct, storage, sale } = await storeBehindProxy({ maxConnections: 1 })
    for (let round = 0; round < 10; round++) {
      const hostId = `host-${round}`
      const step = { now: NOW, idempotency: newIdempotency(hostId) }
      const claimOnce = () => storage.claimActivation(ACCOUNT.id, sale.target, newActivation(hostId), step)
      const [cut] = await Promise.all([proxy.cutAt(`jti_${hostId}`, when), timeToRefusal(claimOnce)])
      expect(cut).toBeUndefined()
      const repeated = await claimOnce()
      expect(repeated).toMatchObject({ kind: 'created', ...(when === 'after' && { replayed: { at: NOW } }) })
      expect('replayed' in repeated).toBe(when === 'after')
      expect(await takenSlots(direct, sale)).toBe(round + 1)
    }
  })

  it.each(['before', 'after'] as const)('(%s COMMIT): the repeat has one effect', async (when) => {
    const { proxy, direct, storage, sale } = await storeBehindProxy({ maxConnections: 1, connection: IN_TRANSACTIONS })
    for (let round = 1; round <= 10; round++) {
      const cut = proxy.cutAt('COMMIT\0', when, WRITE_OF_RESET)
      await Promise.all([cut, timeToRefusal(() => reset(storage, sale, `reset-${round}`))])
      const repeated = await reset(storage, sale, `reset-${round}`)
      expect(repeated).toMatchObject({ kind: 'reset', license: { resetCount: round } })
      expect('replayed' in repeated).toBe(when === 'after')
      expect(await direct.findLicense(ACCOUNT.id, sale.license.canonicalKey)).toMatchObject({
        license: { resetCount: round },
      })
    }
  })

  it('between two statements lets go of its locks, though the server is told nothing', async () => {
    const { proxy, direct, storage, sale } = await storeBehindProxy({ maxConnections: 1, connection: IN_TRANSACTIONS })
    const vanished = timeToRefusal(() => reset(storage, sale, 'reset'))
    await proxy.swallowAfter(WRITE_OF_RESET)
    await vi.waitFor(() => claim(direct, sale, 'host-1'), { timeout: BOUND_MS })
    // One statement's time: to ask for a rollback over the same connection would be to wait as long again.
    expect(await vanished).toBeLessThan(LIMITS.statementTimeoutMs + 2000)
    expect(await direct.findLicense(ACCOUNT.id, sale.license.canonicalKey)).toMatchObject({
      license: { resetCount: 0 },
    })
  })
})

describe("the app's process", () => {
  it('outlives idle connections that the server ends, in a pool of its own that nobody listens to', async () => {
    const { url, schema, pool: admin } = await scratch.schema()
    const name = `app_${schema}`
    const pool = new pg.Pool({ connectionString: url, application_name: name, max: 5 })
    const storage = await scratch.open({ url, schema }, { pool })
    const sale = await sell(storage, { maxActivations: null })
    for (let round = 0; round < 5; round++) {
      await Promise.all(Array.from({ length: 5 }, (_, index) => claim(storage, sale, `host-${round}-${index}`)))
      const idle = pool.idleCount
      expect(idle).toBeGreaterThan(0)
      await admin.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1', [name])
      await vi.waitFor(() => expect(pool.totalCount).toBe(0), { timeout: 5000 })
    }
    expect(await takenSlots(storage, sale)).toBe(25)
    await storage.close()
    expect(pool.listenerCount('error')).toBe(0)
    expect((await pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }])
    await pool.end()
  })

  it('outlives a server that goes while the storage is being closed', async () => {
    const { proxy, storage, through, schema, pool: admin } = await storeBehindProxy()
    const closing = postgresStore({
      connectionString: through,
      schema,
      connection: { application_name: `closing_${schema}` },
    })
    await closing.open()
    await Promise.all(Array.from({ length: 5 }, () => closing.ping()))
    await Promise.all([admin.query('SELECT 1'), storage.ping()])
    proxy.delayMs = 500
    const closed = closing.close()
    const { rowCount } = await admin.query(
      'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1',
      [`closing_${schema}`],
    )
    expect(rowCount).toBeGreaterThan(0)
    await closed
    // What the server said last has arrived by then.
    await storage.ping()
  })

  it.each([
    ['by itself', {}],
    ['in a transaction', IN_TRANSACTIONS],
  ])('has its pool back as it was when a statement %s fails', async (_, options) => {
    const { url, schema } = await scratch.schema()
    const pool = new pg.Pool({ connectionString: url, max: 1, ...options })
    const settings = async () => (await pool.query('SELECT name, setting FROM pg_settings ORDER BY name')).rows
    const before = await settings()
    const storage = await scratch.open({ url, schema }, { pool })
    const sale = await sell(storage)
    await pool.query(`ALTER TABLE ${schema}.activations RENAME TO elsewhere`)
    await expect(reset(storage, sale)).rejects.toThrow('42P01')
    expect(await settings()).toEqual(before)
    await pool.query(`ALTER TABLE ${schema}.elsewhere RENAME TO activations`)
    expect((await reset(storage, sale)).kind).toBe('reset')
    await storage.close()
    await pool.end()
  })
})

describe('somebody else at the tables', () => {
  it('who holds a lock is waited for as long as was said, and no longer', async () => {
    const { storage, sale, pool, schema } = await storeBehindProxy({ statementTimeoutMs: 5000 })
    await claim(storage, sale, 'host-1')
    const other = await pool.connect()
    await other.query(`BEGIN; SELECT * FROM ${schema}.licenses FOR UPDATE`)
    const calls = [
      () => claim(storage, sale, 'host-2'),
      () => reset(storage, sale),
      () => storage.updateLicense(ACCOUNT.id, sale.target, { blocked: true }, { now: NOW }),
      () => storage.deleteLicense(ACCOUNT.id, sale.target, { now: NOW }),
      () => storage.releaseAllActivations(ACCOUNT.id, sale.target, { now: NOW }),
    ]
    for (const time of await Promise.all(calls.map(timeToRefusal))) {
      expect(time).toBeGreaterThanOrEqual(LIMITS.lockTimeoutMs - 20)
      expect(time).toBeLessThan(BOUND_MS)
    }
    // Who has a slot already, and who only reads, waits for nobody.
    expect((await claim(storage, sale, 'host-1')).kind).toBe('existing')
    await other.query('ROLLBACK')
    other.release()
    expect((await claim(storage, sale, 'host-2')).kind).toBe('created')
    expect(await takenSlots(storage, sale)).toBe(2)
  })

  it('who locks whole tables keeps reads and writes for a bounded time', async () => {
    const { storage, sale, pool, schema } = await storeBehindProxy()
    const other = await pool.connect()
    await other.query(`BEGIN; LOCK TABLE ${schema}.licenses, ${schema}.activations IN ACCESS EXCLUSIVE MODE`)
    const calls = [
      () => storage.findLicense(ACCOUNT.id, sale.license.canonicalKey),
      () => storage.validateActivation(ACCOUNT.id, { ...sale.target, hostId: 'host' }, NOW),
      () => claim(storage, sale, 'host-1'),
      () => reset(storage, sale),
    ]
    expect(Math.max(...(await Promise.all(calls.map(timeToRefusal))))).toBeLessThan(BOUND_MS)
    const isWaiting = `pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%${schema}%'`
    const left = () => countRows({ query: async (sql) => (await other.query(sql)).rows }, isWaiting)
    await vi.waitFor(async () => expect(await left()).toBe(0), { timeout: BOUND_MS })
    await other.query('ROLLBACK')
    other.release()
    expect((await claim(storage, sale, 'host-1')).kind).toBe('created')
  })

  it('whose statements hang ends a call in time', async () => {
    const { storage, sale, pool, schema } = await storeBehindProxy()
    await claim(storage, sale, 'host-0')
    await pool.query(`
      CREATE FUNCTION ${schema}.hang() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(4); RETURN NEW; END';
      CREATE TRIGGER hang BEFORE INSERT OR DELETE ON ${schema}.activations FOR EACH STATEMENT EXECUTE FUNCTION ${schema}.hang()`)
    expect(await timeToRefusal(() => reset(storage, sale))).toBeLessThan(BOUND_MS)
    expect(await timeToRefusal(() => claim(storage, sale, 'host-1'))).toBeLessThan(BOUND_MS)
    expect(await takenSlots(storage, sale)).toBe(1)
    const more = newLicense('two')
    const inserted = await storage.insertLicenses(ACCOUNT.id, { licenses: [more] }, { now: NOW })
    expect(inserted.kind).toBe('created')
  })
})
