import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Store } from '../../../src/storage/verbs/store'
import { type PostgresServer, startPostgres } from '../../postgres/start-postgres'
import { ACCOUNT, NOW, newProduct, type Sale, sellFloating, sellMore } from './kit/entities'
import { takenSlots } from './kit/observations'
import { outcomeOf } from './kit/outcomes'
import { type PostgresStore, schemaOn } from './postgres-places'
import { createPostgresScratch, FIRE, say } from './postgres-scratch'
import { createPostgresWorkshop } from './postgres-workers'
import { serveEverybody } from './seat-rounds'

const PROCESSES = 4
const CONNECTIONS = 32
const LIMIT = 10
const ATTEMPTS = 400
const ROUNDS = 20 * FIRE

const scratch = createPostgresScratch()
const { startWorkers, together } = createPostgresWorkshop()

let server: PostgresServer
beforeAll(async () => {
  server = await startPostgres({ settings: { max_connections: '400' } })
})
afterAll(() => server.dispose())

/** The hosts one of the processes asks for. */
const hostsOf = (index: number) => Array.from({ length: ATTEMPTS / PROCESSES }, (_, host) => `host-${index}-${host}`)

/** A license for each round. */
async function sellRounds(storage: Store): Promise<readonly Sale[]> {
  const { product } = outcomeOf(await storage.insertProduct(ACCOUNT.id, newProduct('editor'), { now: NOW }), 'created')
  const names = Array.from({ length: ROUNDS }, (_, round) => `round-${round}`)
  return Promise.all(names.map((name) => sellMore(storage, product, name, { maxActivations: LIMIT })))
}

describe(`${PROCESSES} processes with ${CONNECTIONS} connections each`, () => {
  it(`race for ${LIMIT} slots, ${ROUNDS} times: exactly as many win; and one host gets one slot`, async () => {
    const store = schemaOn(server)
    const storage = await scratch.open(store)
    const workers = await startWorkers(PROCESSES)
    const sales = await sellRounds(storage)
    const startedAt = performance.now()
    for (const sale of sales) {
      const licenses = [sale.license.canonicalKey]
      const race = await together(workers, (index) => ({
        job: 'race',
        store,
        connections: CONNECTIONS,
        licenses,
        hosts: hostsOf(index),
      }))
      expect(race).toEqual({ created: LIMIT, 'limit-reached': ATTEMPTS - LIMIT })
      expect(await takenSlots(storage, sale)).toBe(LIMIT)
    }
    const again = await sellMore(storage, (sales[0] as Sale).product, 'again')
    const same = await together(workers, () => ({
      job: 'race',
      store,
      connections: CONNECTIONS,
      licenses: [again.license.canonicalKey],
      hosts: Array.from({ length: 200 / PROCESSES }, () => 'host'),
    }))
    expect(same).toEqual({ created: 1, existing: 199 })
    expect(await takenSlots(storage, again)).toBe(1)
    say('races', { rounds: ROUNDS, attempts: ATTEMPTS, limit: LIMIT, aboveLimit: 0, ms: since(startedAt) })
  })

  it('overshoot in that very race when they count first, then insert', async () => {
    const workers = await startWorkers(PROCESSES)
    const taken: number[] = []
    const startedAt = performance.now()
    for (let round = 0; round < ROUNDS; round++) {
      const table = `public.naive_${round}`
      await server.query(`CREATE TABLE ${table} (host text PRIMARY KEY)`)
      const { created = 0 } = await together(workers, (index) => ({
        job: 'naive',
        url: server.url,
        connections: CONNECTIONS,
        table,
        hosts: hostsOf(index),
        limit: LIMIT,
      }))
      taken.push(created)
    }
    const above = taken.filter((slots) => slots > LIMIT).length
    say('races, control', { rounds: ROUNDS, aboveLimit: above, worst: Math.max(...taken), ms: since(startedAt) })
    expect(above).toBeGreaterThan(ROUNDS / 2)
  })

  it('serve five hundred clients, a third of whom never check in, fifty seats at a time, over eight connections each', async () => {
    const store = schemaOn(server)
    const storage = await scratch.open(store)
    const sale = await sellFloating(storage, { maxConcurrentSessions: 50 })
    await refuseAbove(store, 50)
    const workers = await startWorkers(PROCESSES)
    const startedAt = performance.now()
    await serveEverybody(storage, sale, (clients, at) =>
      together(workers, (index) => ({
        job: 'seats',
        store,
        connections: 8,
        canonicalKey: sale.license.canonicalKey,
        clients: clients.filter((_, place) => place % PROCESSES === index),
        at: at.getTime(),
      })),
    )
    say('seats', { seats: 50, clients: 500, processes: PROCESSES, ms: since(startedAt) })
  })
})

/** Makes the database itself refuse a session too many, whoever stores it. */
async function refuseAbove({ schema }: PostgresStore, seats: number) {
  // Its own statements see what others have committed, as the lock on the license lets them in one by one.
  await server.query(`
    CREATE FUNCTION ${schema}.too_many() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF ${seats} < (SELECT count(*) FROM ${schema}.sessions
        WHERE license_id = NEW.license_id AND expires_at > NEW.started_at)
      THEN
        RAISE EXCEPTION 'one session too many';
      END IF;
      RETURN NULL;
    END $$;
    CREATE TRIGGER too_many AFTER INSERT ON ${schema}.sessions
      FOR EACH ROW EXECUTE FUNCTION ${schema}.too_many()`)
}

function since(startedAt: number): number {
  return Math.round(performance.now() - startedAt)
}
