import { describe, expect, it } from 'vitest'
import type { Storage } from '../../src/storage/contract'
import { openDatabase } from '../../src/storage/sqlite/open-database'
import { createSqliteStorage } from '../../src/storage/sqlite/sqlite-storage'
import { createStore } from '../../src/storage/sqlite/store'
import { createWriteQueue } from '../../src/storage/sqlite/write-queue'
import {
  ACCOUNT,
  ALL,
  after,
  claim,
  NOW,
  newAccessToken,
  newLicense,
  newProduct,
  sell,
} from '../../src/testing/entities'
import { takenSlots } from '../../src/testing/observations'
import { tally } from '../../src/testing/outcomes'
import { committedTransactions, createScratch } from './sqlite-scratch'

const scratch = createScratch()

function newToken(name: string, id = name) {
  return newAccessToken(name, { id: `tok_${id}` })
}

describe('group commit', () => {
  it('writes the steps of one turn in one transaction', async () => {
    const file = scratch.file()
    const storage = await scratch.open(file)
    const sale = await sell(storage, { maxActivations: 20 })
    const before = committedTransactions(file)
    const claims = Array.from({ length: 30 }, (_, index) => claim(storage, sale, `host-${index}`))
    expect(tally(await Promise.all(claims))).toEqual({ created: 20, 'limit-reached': 10 })
    expect(committedTransactions(file) - before).toBe(1)
    expect(await takenSlots(storage, sale)).toBe(20)
  })

  it('writes steps that wait for each other in transactions of their own', async () => {
    const file = scratch.file()
    const storage = await scratch.open(file)
    const sale = await sell(storage)
    const before = committedTransactions(file)
    for (const host of ['host-1', 'host-2', 'host-3']) await claim(storage, sale, host)
    expect(committedTransactions(file) - before).toBe(3)
  })

  it('undoes a step that throws, alone, however much of it was written', async () => {
    const file = scratch.file()
    const storage = await scratch.open(file)
    await storage.insertAccessToken(ACCOUNT.id, newToken('taken'), { now: NOW })
    await storage.insertProduct(ACCOUNT.id, newProduct('editor'), { now: NOW })
    const before = committedTransactions(file)
    const licenses = [newLicense('new'), newLicense('clash', { id: 'lic_new' })]
    const results = await Promise.allSettled([
      storage.insertAccessToken(ACCOUNT.id, newToken('first'), { now: NOW }),
      storage.insertAccessToken(ACCOUNT.id, newToken('second', 'taken'), { now: NOW }),
      storage.insertLicenses(ACCOUNT.id, { licenses }, { now: NOW }),
      storage.insertAccessToken(ACCOUNT.id, newToken('third'), { now: NOW }),
    ])
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected', 'fulfilled'])
    expect(committedTransactions(file) - before).toBe(1)
    const { items } = await storage.listAccessTokens(ACCOUNT.id, ALL)
    expect(items.map(({ name }) => name)).toEqual(['taken', 'first', 'third'])
    expect(await storage.listLicenses(ACCOUNT.id, {}, ALL)).toEqual({ items: [], total: 0 })
  })

  it('answers a claim that changes nothing without a transaction', async () => {
    const file = scratch.file()
    const storage = await scratch.open(file)
    const sale = await sell(storage, { maxActivations: 1 })
    await claim(storage, sale, 'host-1')
    const before = committedTransactions(file)
    expect((await claim(storage, sale, 'host-1', after(1_000))).kind).toBe('existing')
    expect((await claim(storage, sale, 'host-2')).kind).toBe('limit-reached')
    await storage.touchActivation(ACCOUNT.id, sale.license.id, 'host-1', { lastSeenAt: NOW, tokensEndAt: NOW })
    expect(committedTransactions(file) - before).toBe(0)
  })

  it('ends a batch after a while, so that other work gets its turn', async () => {
    const file = scratch.file()
    const storage = await scratch.open(file)
    const sale = await sell(storage, { maxActivations: null })
    const before = committedTransactions(file)
    await Promise.all(Array.from({ length: 1_000 }, (_, index) => claim(storage, sale, `host-${index}`)))
    expect(committedTransactions(file) - before).toBeGreaterThanOrEqual(4)
    expect(await takenSlots(storage, sale)).toBe(1_000)
  })
})

describe('when a transaction is lost', () => {
  async function openQueue() {
    const database = await openDatabase(scratch.file(), 0)
    const queue = createWriteQueue(database, 0)
    const insert = database.prepare('INSERT INTO signing_keys (kid, recorded_at) VALUES (?, 0)')
    const kids = database.prepare('SELECT kid FROM signing_keys ORDER BY seq').pluck()
    return {
      database,
      queue,
      kids: () => kids.all(),
      record: (kid: string) => queue.run(() => insert.run(kid).changes),
    }
  }

  it('at COMMIT, every step of it is refused, and the next ones work', async () => {
    const { database, queue, kids, record } = await openQueue()
    const orphan = queue.run(() => {
      database.pragma('defer_foreign_keys = ON')
      database.exec(`
        INSERT INTO activations (license_seq, host_id, id, jti, tokens_end_at, activated_at, last_seen_at)
        VALUES (4711, 'host', 'act', 'jti', 0, 0, 0)`)
    })
    const results = await Promise.allSettled([record('kid-1'), orphan, record('kid-2')])
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected'])
    expect(await record('kid-3')).toBe(1)
    expect(kids()).toEqual(['kid-3'])
    database.close()
  })

  it('in the middle, the steps before are refused, and those after it are done', async () => {
    const { database, queue, kids, record } = await openQueue()
    // What SQLite does by itself after some faults.
    const fault = () =>
      queue.run(() => {
        database.exec('ROLLBACK')
        throw new Error('fault')
      })
    const results = await Promise.allSettled([record('kid-1'), fault(), record('kid-2')])
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'fulfilled'])
    expect(kids()).toEqual(['kid-2'])
    database.close()
  })
})

describe('a full disk', () => {
  it('refuses what does not fit, keeps what was answered, and goes on once there is room', async () => {
    const file = scratch.file()
    const database = await openDatabase(file, 0)
    const storage = await scratch.opened(createSqliteStorage(createStore(async () => database, 0)))
    await storage.insertProduct(ACCOUNT.id, newProduct('editor'), { now: NOW })
    const pages = Number(database.pragma('page_count', { simple: true }))
    database.pragma(`max_page_count = ${pages + 20}`)

    const insert = (name: string) => insertBatch(storage, name, 10)
    const results = await Promise.allSettled(Array.from({ length: 100 }, (_, index) => insert(`full-${index}`)))
    const refused = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []))
    expect(refused.length).toBeGreaterThan(0)
    expect(refused.length).toBeLessThan(100)
    for (const error of refused) {
      expect(error).toMatchObject({ code: 'STORAGE_UNAVAILABLE', detail: { retryAfterSeconds: 1 } })
    }
    const stored = async () => (await storage.listLicenses(ACCOUNT.id, {}, { limit: 1 })).total
    expect(await stored()).toBe(10 * (100 - refused.length))

    database.pragma(`max_page_count = ${pages + 1_000}`)
    await insert('roomy')
    expect(await stored()).toBe(10 * (101 - refused.length))
    expect(database.pragma('integrity_check', { simple: true })).toBe('ok')
  })
})

describe('a large step', () => {
  it('inserts a thousand licenses in one transaction', async () => {
    const file = scratch.file()
    const storage = await scratch.open(file)
    await storage.insertProduct(ACCOUNT.id, newProduct('editor'), { now: NOW })
    const before = committedTransactions(file)
    await insertBatch(storage, 'batch', 1_000)
    expect(committedTransactions(file) - before).toBe(1)
    expect((await storage.listLicenses(ACCOUNT.id, {}, { limit: 1 })).total).toBe(1_000)
  })
})

function insertBatch(storage: Storage, name: string, count: number) {
  const licenses = Array.from({ length: count }, (_, index) => newLicense(`${name}-${index}`))
  return storage.insertLicenses(ACCOUNT.id, { licenses }, { now: NOW })
}
