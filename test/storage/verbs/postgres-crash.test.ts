import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { scratchFolder } from '../../cli/scratch-folder'
import { type PostgresServer, startPostgres } from '../../postgres/start-postgres'
import { ACCOUNT, ALL, after, claim, HOUR_MS, NOW, newEndpoint, sell } from './kit/entities'
import { outcomeOf } from './kit/outcomes'
import { type PostgresStore, schemaOn } from './postgres-places'
import { createPostgresScratch, FIRE, say } from './postgres-scratch'
import { createPostgresWorkshop, type PostgresJob } from './postgres-workers'
import type { Worker } from './workers'

const WORKERS = 4

const scratch = createPostgresScratch()
const { startWorkers } = createPostgresWorkshop()

let server: PostgresServer
beforeAll(async () => {
  // A host may have turned the waiting for the disk off; then the log is written every so often. Here: seldom.
  server = await startPostgres({ settings: { synchronous_commit: 'off', wal_writer_delay: '10s' } })
})
afterAll(() => server.dispose())

/** Hosts, by what there is of their claims. */
interface Stored {
  readonly counter: number
  readonly hosts: readonly string[]
  readonly events: readonly string[]
  readonly deliveries: readonly string[]
  readonly keys: readonly string[]
}

interface Crashed {
  readonly stored: Stored
  /** The hosts whose claim was answered. */
  readonly acknowledged: readonly string[]
  /** Those of them that are not stored. */
  readonly lost: readonly string[]
}

/**
 * Ends the server again and again while processes claim, by `end`, and starts it again. The processes must live through
 * it and be answered again.
 * @param weaken what to do to the schema before
 */
async function crashUnderLoad(
  what: string,
  rounds: number,
  end: (round: number) => Promise<void>,
  weaken: (store: PostgresStore) => Promise<unknown> = async () => undefined,
): Promise<Crashed> {
  const store = schemaOn(server)
  const storage = await scratch.open(store)
  const sale = await sell(storage, { maxActivations: null })
  await storage.insertWebhookEndpoint(ACCOUNT.id, newEndpoint('crm'), { now: NOW })
  await weaken(store)
  const acknowledgedFile = join(scratchFolder(), 'acknowledged')
  const workers = await startWorkers(WORKERS)
  for (const [index, worker] of workers.entries()) {
    const { canonicalKey } = sale.license
    worker.tell({ job: 'load', store, canonicalKey, host: `host-${index}`, acknowledged: acknowledgedFile })
  }
  await Promise.all(workers.map((worker) => worker.ready()))
  for (const worker of workers) worker.tell('go')

  const recoveries: number[] = []
  for (let round = 0; round < rounds; round++) {
    await moreClaims(workers, 20 + 13 * round)
    await end(round)
    const startedAt = performance.now()
    await server.start()
    await moreClaims(workers, 1)
    recoveries.push(Math.round(performance.now() - startedAt))
  }
  await Promise.all(workers.map((worker) => worker.kill()))

  const acknowledged = readFileSync(acknowledgedFile, 'utf8').trimEnd().split('\n')
  const stored = await readStored(store)
  const lost = acknowledged.filter((host) => !stored.hosts.includes(host))
  say(what, { rounds, acknowledged: acknowledged.length, lost: lost.length, recoveryMs: recoveries })
  return { acknowledged, lost, stored }
}

/** Read in one statement: of those who were killed, the last claims may still be under way. */
async function readStored({ schema }: PostgresStore): Promise<Stored> {
  const list = (what: string, from: string) =>
    `(SELECT coalesce(json_agg(${what} ORDER BY ${what}), '[]') FROM ${from})`
  const sql = `SELECT json_build_object(
    'counter', (SELECT activation_count FROM @licenses),
    'hosts', ${list('host_id', '@activations')},
    'events', ${list("data ->> 'name'", '@events')},
    'deliveries', ${list("v.data ->> 'name'", "@webhook_deliveries d JOIN @events v ON v.id = d.event_id AND d.status = 'pending'")},
    'keys', ${list('key', '@idempotency_records')}) AS stored`
  const [row] = await server.query<{ stored: Stored }>(sql.replace(/@/g, `${schema}.`))
  return row?.stored as Stored
}

/** Resolves once each of them has been answered so many more claims. */
async function moreClaims(workers: readonly Worker<PostgresJob>[], count: number) {
  await Promise.all(workers.map((worker) => worker.acknowledged(worker.claims + count)))
}

/** The effect, its event, the event's delivery, the idempotency record: all of them or none; and the counter is right. */
function expectWholeSteps({ counter, hosts, events, deliveries, keys }: Stored) {
  expect({ counter, events, deliveries, keys }).toEqual({
    counter: hosts.length,
    events: hosts,
    deliveries: hosts,
    keys: hosts,
  })
}

describe(`${WORKERS} processes at work on a server that drops dead`, () => {
  it('live, and lose nothing they acknowledged', async () => {
    await server.query('ALTER DATABASE postgres SET synchronous_commit = on')
    const ends = [() => server.stop('immediate'), () => server.kill9()]
    const { stored, lost } = await crashUnderLoad('crashes', 2 * FIRE, async (round) => ends[round % ends.length]?.())
    expect(lost).toEqual([])
    expectWholeSteps(stored)
  })

  it('nor where the host has turned synchronous_commit off', async () => {
    await server.query('ALTER DATABASE postgres RESET synchronous_commit')
    expect(await server.query('SHOW synchronous_commit')).toEqual([{ synchronous_commit: 'off' }])
    const end = () => server.stop('immediate')
    const { stored, lost } = await crashUnderLoad('crashes, synchronous_commit off', FIRE, end)
    expect(lost).toEqual([])
    expectWholeSteps(stored)
  })

  it('nor, there, of a host seen, on which a license token is handed out', async () => {
    const store = schemaOn(server)
    const storage = await scratch.open(store)
    const sale = await sell(storage)
    await claim(storage, sale, 'host-1')
    const { activation: seen } = outcomeOf(await claim(storage, sale, 'host-1', after(HOUR_MS)), 'existing')
    await server.stop('immediate')
    await server.start()
    const reopened = await scratch.open(store)
    expect((await reopened.listActivations(ACCOUNT.id, sale.license.id, ALL)).items).toEqual([seen])
  })

  it('but lose much there where something turns it off again', async () => {
    await server.query('ALTER DATABASE postgres RESET synchronous_commit')
    const end = () => server.stop('immediate')
    const { acknowledged, lost } = await crashUnderLoad('crashes, control', 1, end, ({ schema }) =>
      server.query(`
        CREATE FUNCTION ${schema}.weaken() RETURNS trigger LANGUAGE plpgsql
          AS $$ BEGIN PERFORM set_config('synchronous_commit', 'off', true); RETURN NULL; END $$;
        CREATE TRIGGER weaken AFTER INSERT ON ${schema}.activations
          FOR EACH STATEMENT EXECUTE FUNCTION ${schema}.weaken()`),
    )
    expect(acknowledged.length).toBeGreaterThan(0)
    expect(lost.length).toBeGreaterThan(0)
  })
})
