/**
 * One of several processes on one database file. Started by sqlite-workers.ts; does the job it is sent, then the next.
 * Everything is loaded and open before it says `ready`, so that processes told to go at once do start at once.
 */
import { openSync, writeSync } from 'node:fs'
import Database from 'better-sqlite3'
import {
  ACCOUNT,
  NOW,
  newActivation,
  newEvent,
  newIdempotency,
  newSession,
} from '../../../src/server/storage/conformance/entities'
import { outcomeOf } from '../../../src/server/storage/conformance/outcomes'
import type { Storage } from '../../../src/server/storage/contract'
import { sqliteStorage } from '../../../src/server/storage/sqlite'
import type { Job, Report } from './sqlite-workers'

const jobs: { readonly [K in Job['job']]: (job: Extract<Job, { job: K }>) => Promise<Report> } = {
  /** Opens a file that perhaps nobody has opened before. */
  async open({ file }) {
    const storage = sqliteStorage({ file })
    await barrier()
    await storage.open()
    const { kind } = await storage.insertAccount(ACCOUNT)
    await storage.close()
    return { [kind]: 1 }
  },

  /** Claims every license for every host, all at once. */
  async race({ file, licenses, hosts }) {
    const storage = sqliteStorage({ file, busyTimeoutMs: 60_000 })
    await storage.open()
    await barrier()
    const claims = licenses.flatMap((canonicalKey) =>
      hosts.map((host) => {
        const target = { canonicalKey, productId: 'prod_editor' }
        return storage.claimActivation(ACCOUNT.id, target, newActivation(host), { now: NOW })
      }),
    )
    const report = tally(await Promise.all(claims))
    await storage.close()
    return report
  },

  /** The control: what everyone writes first. Counts, then inserts, each a transaction of its own. */
  async naive({ file, licenses, hosts, limit }) {
    const database = new Database(file, { timeout: 60_000 })
    const count = database.prepare('SELECT count(*) FROM naive_activations WHERE license = ?').pluck()
    const insert = database.prepare('INSERT INTO naive_activations (license, host) VALUES (?, ?)')
    await barrier()
    const claims = licenses.flatMap((license) =>
      hosts.map(async (host) => {
        const taken = Number(count.get(license))
        await new Promise(setImmediate)
        if (taken >= limit) return { kind: 'limit-reached' }
        insert.run(license, host)
        return { kind: 'created' }
      }),
    )
    const report = tally(await Promise.all(claims))
    database.close()
    return report
  },

  /** Claims for ever, each with an event and an idempotency key, noting what was acknowledged, until it is killed. */
  async load({ file, canonicalKey, host, acknowledged }) {
    const storage = sqliteStorage({ file })
    await storage.open()
    const notes = openSync(acknowledged, 'a')
    const target = { canonicalKey, productId: 'prod_editor' }
    await barrier()
    for (let round = 0; ; round++) {
      const hosts = Array.from({ length: 8 }, (_, index) => `${host}-${round}-${index}`)
      const claims = hosts.map(async (hostId) => {
        const events = { created: [newEvent(hostId, { type: 'license.activated' })] }
        const step = { now: NOW, events, idempotency: newIdempotency(hostId) }
        const { kind } = await storage.claimActivation(ACCOUNT.id, target, newActivation(hostId), step)
        if (kind === 'created') writeSync(notes, `${hostId}\n`)
      })
      await Promise.all(claims)
      process.send?.({ acknowledged: (round + 1) * hosts.length })
    }
  },

  /** Lets clients use a seat one after the other as it comes free; tells who got one. Some give up until another time. */
  async seats({ file, canonicalKey, clients, at }) {
    const storage = sqliteStorage({ file, busyTimeoutMs: 60_000 })
    await storage.open()
    await barrier()
    const served = await Promise.all(clients.map((client) => useSeat(storage, canonicalKey, client, new Date(at))))
    await storage.close()
    return Object.fromEntries(clients.filter((_, index) => served[index]).map((client) => [client, 1]))
  },

  /** Takes what is due until nothing is, a few at a time; tells what it took. */
  async deliver({ file, at, how }) {
    const storage = sqliteStorage({ file, busyTimeoutMs: 60_000 })
    await storage.open()
    const taken: string[] = []
    await barrier()
    for (;;) {
      const claimed = await storage.claimDeliveries(new Date(at), new Date(at + 60_000), 7)
      if (claimed.length === 0 && (how === 'take' || (await isDrained(storage)))) break
      for (const { delivery } of claimed) {
        taken.push(delivery.id)
        if (how === 'drain') await storage.settleDelivery(delivery.id, delivery.attempts, { kind: 'delivered' })
      }
      // The other one's turn.
      await new Promise(setImmediate)
    }
    await storage.close()
    return tally(taken.map((kind) => ({ kind })))
  },

  /** Holds the write lock until it is told to let go. */
  async lock({ file }) {
    const database = new Database(file)
    database.exec('BEGIN IMMEDIATE')
    await barrier()
    database.exec('ROLLBACK')
    database.close()
    return {}
  },
}

async function useSeat(storage: Storage, canonicalKey: string, client: string, now: Date): Promise<boolean> {
  const target = { canonicalKey, productId: 'prod_editor' }
  for (let attempt = 0; attempt < 20; attempt++) {
    const outcome = await storage.claimSession(ACCOUNT.id, target, newSession(client), { now })
    if (outcome.kind === 'limit-reached') continue
    const { session } = outcomeOf(outcome, 'created')
    if (client.startsWith('dies')) return true
    const held = { ...target, sessionId: session.id }
    const nonces = { nonce: session.nonce, nextNonce: 'next' }
    outcomeOf(await storage.renewSession(ACCOUNT.id, held, nonces, { now }), 'renewed')
    outcomeOf(await storage.releaseSession(ACCOUNT.id, held, 'next', { now }), 'released')
    return true
  }
  return false
}

async function isDrained(storage: Storage): Promise<boolean> {
  return (await storage.listDeliveries(ACCOUNT.id, { status: 'pending' }, { limit: 1 })).total === 0
}

function barrier(): Promise<void> {
  process.send?.('ready')
  return new Promise((resolve) => {
    process.once('message', () => resolve())
  })
}

function tally(outcomes: readonly { readonly kind: string }[]): Report {
  const report: Record<string, number> = {}
  for (const { kind } of outcomes) report[kind] = (report[kind] ?? 0) + 1
  return report
}

async function run(job: Job): Promise<Report> {
  return jobs[job.job](job as never)
}

process.on('disconnect', () => process.exit())
for (;;) {
  const job = await new Promise<Job>((resolve) => {
    process.once('message', (message) => resolve(message as Job))
    process.send?.('idle')
  })
  process.send?.({ report: await run(job) })
}
