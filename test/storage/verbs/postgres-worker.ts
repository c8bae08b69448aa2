/** One of several processes on one PostgreSQL database. Started by postgres-workers.ts. */
import { openSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import { isLicenseError } from '../../../src/protocol/license-error'
import type { Store } from '../../../src/storage/verbs/store'
import { claimAll, claimNoted, useSeats } from './contended-store'
import { ACCOUNT } from './kit/entities'
import { allGroups } from './kit/groups'
import { storeConformance } from './kit/kit'
import { tally } from './kit/outcomes'
import { type PostgresStore, schemaOn } from './postgres-places'
import type { PostgresJob } from './postgres-workers'
import { postgresStore } from './stores'
import { barrier, type Jobs, serveJobs } from './worker-jobs'

/** Kept from job to job, so that rounds race for slots and not for connections. */
const storages = new Map<string, Promise<Store>>()
const pools = new Map<number, Promise<pg.Pool>>()

const jobs: Jobs<PostgresJob> = {
  /** Opens a schema that perhaps nobody has opened before. */
  async open({ store }) {
    const storage = postgresStore({ connectionString: store.url, schema: store.schema })
    await barrier()
    await storage.open()
    const { kind } = await storage.insertAccount(ACCOUNT)
    await storage.close()
    return { [kind]: 1 }
  },

  /** Claims every license for every host, all at once. */
  async race({ store, connections, licenses, hosts }) {
    const storage = await storageOn(store, connections)
    await barrier()
    return claimAll(storage, licenses, hosts)
  },

  /** The control: what everyone writes first. Counts, then inserts, in one transaction. */
  async naive({ url, connections, table, hosts, limit }) {
    const pool = await poolOn(url, connections)
    await barrier()
    const claims = hosts.map(async (host) => {
      const client = await pool.connect()
      try {
        await client.query('BEGIN')
        const { rows } = await client.query<{ count: number }>(`SELECT count(*)::int AS count FROM ${table}`)
        const isFree = (rows[0]?.count ?? 0) < limit
        if (isFree) await client.query(`INSERT INTO ${table} VALUES ($1)`, [host])
        await client.query('COMMIT')
        return { kind: isFree ? 'created' : 'limit-reached' }
      } finally {
        client.release()
      }
    })
    return tally(await Promise.all(claims))
  },

  /**
   * Claims for ever, each with an event and an idempotency key, noting what was acknowledged, until it is killed. While
   * the database cannot answer, asks again; any other error ends the process.
   */
  async load({ store, canonicalKey, host, acknowledged }) {
    const storage = await storageOn(store, 8)
    const notes = openSync(acknowledged, 'a')
    await barrier()
    let count = 0
    const client = async (number: number) => {
      for (let turn = 0; ; turn++) {
        const hostId = `${host}-${number}-${turn}`
        while (!(await isAnswered(claimNoted(storage, canonicalKey, hostId, notes)))) await pause(20)
        process.send?.({ acknowledged: ++count })
      }
    }
    await Promise.all(Array.from({ length: 8 }, (_, number) => client(number)))
    return {}
  },

  /** Lets clients use a seat one after the other as it comes free; tells who got one. */
  async seats({ store, connections, canonicalKey, clients, at }) {
    const storage = await storageOn(store, connections)
    await barrier()
    return useSeats(storage, canonicalKey, clients, new Date(at))
  },

  /** Runs groups of the conformance kit in an app that has told its \`pg\` to parse everything in ways of its own. */
  async conform({ url, groups }) {
    for (const oid of Object.values(pg.types.builtins)) {
      pg.types.setTypeParser(oid, (text: string) => ({ parsedByTheApp: text }))
    }
    const tests: { readonly name: string; readonly run: () => Promise<void> }[] = []
    const runner = {
      describe: (_: string, body: () => void) => body(),
      it: (name: string, run: () => Promise<void>) => void tests.push({ name, run }),
    }
    const fixture = () => {
      const { schema } = schemaOn({ url })
      return { createStore: () => postgresStore({ connectionString: url, schema }) }
    }
    storeConformance(runner, fixture, { groups: allGroups.filter(({ name }) => groups.includes(name)) })
    await barrier()
    let passed = 0
    const failed: Record<string, number> = {}
    for (const { name, run } of tests) {
      await run().then(
        () => passed++,
        (error: unknown) => {
          failed[`${name}: ${error}`] = 1
        },
      )
    }
    return { passed, ...failed }
  },
}

async function isAnswered(call: Promise<void>): Promise<boolean> {
  try {
    await call
    return true
  } catch (error) {
    if (isLicenseError(error) && error.code === 'STORAGE_UNAVAILABLE') return false
    throw error
  }
}

function storageOn({ url, schema }: PostgresStore, connections: number): Promise<Store> {
  const name = `${url} ${schema} ${connections}`
  const open = async () => {
    const storage = postgresStore({ connectionString: url, schema, maxConnections: connections })
    await storage.open()
    await Promise.all(Array.from({ length: connections }, () => storage.ping()))
    return storage
  }
  const opened = storages.get(name) ?? open()
  storages.set(name, opened)
  return opened
}

function poolOn(url: string, connections: number): Promise<pg.Pool> {
  const open = async () => {
    const pool = new pg.Pool({ connectionString: url, max: connections })
    await Promise.all(Array.from({ length: connections }, () => pool.query('SELECT pg_sleep(0.05)')))
    return pool
  }
  const opened = pools.get(connections) ?? open()
  pools.set(connections, opened)
  return opened
}

await serveJobs(jobs)
