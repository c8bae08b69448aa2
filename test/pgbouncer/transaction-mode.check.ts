import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type PostgresServer, startPostgres } from '../postgres/start-postgres'
import { ACCOUNT } from '../storage/verbs/kit/entities'
import { allGroups } from '../storage/verbs/kit/groups'
import { storeConformance } from '../storage/verbs/kit/kit'
import { schemaOn } from '../storage/verbs/postgres-places'
import { postgresStore } from '../storage/verbs/stores'
import { type Pgbouncer, startPgbouncer } from './start-pgbouncer'

const POOL_SIZE = 4

const groups = allGroups.filter(({ name }) =>
  [
    ...['claims', 'races', 'idempotency', 'events of replays', 'housekeeping', 'licenses', 'values'],
    ...['two handles on one store', 'session races over two handles', 'races for webhook deliveries over two handles'],
  ].includes(name),
)

let server: PostgresServer
let pgbouncer: Pgbouncer
beforeAll(async () => {
  server = await startPostgres()
  pgbouncer = await startPgbouncer(server, POOL_SIZE)
})
afterAll(async () => {
  await pgbouncer.stop()
  await server.dispose()
})

describe(`through pgbouncer, every transaction on one of ${POOL_SIZE} connections`, () => {
  storeConformance(
    { describe, it },
    async () => {
      const { url, schema } = schemaOn(pgbouncer)
      return {
        createStore: () => postgresStore({ connectionString: url, schema, maxConnections: 20 }),
        cleanup: async () => void (await server.query(`DROP SCHEMA ${schema} CASCADE`)),
      }
    },
    { groups },
  )

  it('is refused in time while the server is down, and served once it is up', async () => {
    const { url, schema } = schemaOn(pgbouncer)
    const storage = postgresStore({ connectionString: url, schema, statementTimeoutMs: 1000, connectTimeoutMs: 1000 })
    await storage.open()
    await storage.insertAccount(ACCOUNT)
    await server.stop('immediate')
    for (let call = 0; call < 5; call++) {
      const startedAt = performance.now()
      await expect(storage.findAccount(ACCOUNT.id)).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE' })
      expect(performance.now() - startedAt).toBeLessThan(5000)
    }
    await server.start()
    await vi.waitFor(async () => expect(await storage.findAccount(ACCOUNT.id)).toEqual(ACCOUNT), { timeout: 20_000 })
    await storage.close()
  })

  it('is what has been tried: so many connections are all there were', async () => {
    const connections = await server.query<{ application_name: string }>(
      `SELECT application_name FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()`,
    )
    expect(connections.length).toBeGreaterThan(0)
    expect(connections.length).toBeLessThanOrEqual(POOL_SIZE)
  })
})
