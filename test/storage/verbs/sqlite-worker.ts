/** One of several processes on one database file. Started by sqlite-workers.ts. */
import { openSync } from 'node:fs'
import Database from 'better-sqlite3'
import type { Store } from '../../../src/storage/verbs/store'
import { claimAll, claimNoted, useSeats } from './contended-store'
import { ACCOUNT } from './kit/entities'
import { tally } from './kit/outcomes'
import { takeAll } from './kit/take-all'
import type { SqliteJob } from './sqlite-workers'
import { sqliteStore } from './stores'
import { barrier, type Jobs, serveJobs } from './worker-jobs'

const jobs: Jobs<SqliteJob> = {
  /** Opens a file that perhaps nobody has opened before. */
  async open({ file }) {
    const storage = sqliteStore({ file })
    await barrier()
    await storage.open()
    const { kind } = await storage.insertAccount(ACCOUNT)
    await storage.close()
    return { [kind]: 1 }
  },

  /** Claims every license for every host, all at once. */
  async race({ file, licenses, hosts }) {
    const storage = sqliteStore({ file, busyTimeoutMs: 60_000 })
    await storage.open()
    await barrier()
    const report = await claimAll(storage, licenses, hosts)
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
    const storage = sqliteStore({ file })
    await storage.open()
    const notes = openSync(acknowledged, 'a')
    await barrier()
    for (let round = 0; ; round++) {
      const hosts = Array.from({ length: 8 }, (_, index) => `${host}-${round}-${index}`)
      await Promise.all(hosts.map((hostId) => claimNoted(storage, canonicalKey, hostId, notes)))
      process.send?.({ acknowledged: (round + 1) * hosts.length })
    }
  },

  /** Lets clients use a seat one after the other as it comes free; tells who got one. Some give up until another time. */
  async seats({ file, canonicalKey, clients, at }) {
    const storage = sqliteStore({ file, busyTimeoutMs: 60_000 })
    await storage.open()
    await barrier()
    const report = await useSeats(storage, canonicalKey, clients, new Date(at))
    await storage.close()
    return report
  },

  /** Takes what is due until nothing is, a few at a time; tells what it took. */
  async deliver({ file, at, how }) {
    const storage = sqliteStore({ file, busyTimeoutMs: 60_000 })
    await storage.open()
    const taken: string[] = []
    await barrier()
    for (;;) {
      const claimed = await takeAll(storage, new Date(at), new Date(at + 60_000), 7)
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

async function isDrained(storage: Store): Promise<boolean> {
  return (await storage.listDeliveries(ACCOUNT.id, { status: 'pending' }, { limit: 1 })).total === 0
}

await serveJobs(jobs)
