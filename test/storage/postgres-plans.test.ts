import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { postgresStorage } from '../../src/storage/postgres'
import { type PostgresServer, startPostgres } from '../postgres/start-postgres'

const ROWS = 2_000
const LOOKED_UP = 40

/** A row of a table with a key and a unique set of its own, as licenses are. */
const SCHEMA = {
  version: 1,
  tables: {
    things: {
      columns: { id: { kind: 'text', length: 26 }, name: { kind: 'text', length: 64 }, worth: { kind: 'integer' } },
      key: ['id'],
      unique: { name: ['name'] },
    },
  },
} as const

const idOf = (number: number) => `id_${String(number).padStart(6, '0')}`
const nameOf = (number: number) => `name ${(number * 7919) % ROWS}`

describe('what PostgreSQL reads of an index to find a row', () => {
  let server: PostgresServer

  beforeAll(async () => {
    server = await startPostgres()
  })

  afterAll(() => server.dispose())

  /** How many entries were read of an index, by all statements so far. */
  async function entriesRead(index: string): Promise<number> {
    const [counted] = await server.query<{ read: string }>(
      `SELECT sum(idx_tup_read) AS read FROM pg_stat_user_indexes WHERE schemaname = 'keyslot' AND indexrelname LIKE $1`,
      [index],
    )
    return Number(counted?.read)
  }

  it('is the row itself, also by a plan that was made while the table was empty', async () => {
    const storage = postgresStorage({ connectionString: server.url, maxConnections: 1 })
    await storage.open(SCHEMA)
    const find = (number: number) => storage.read([{ table: 'things', by: 'name', equal: [nameOf(number)], limit: 1 }])
    // Often enough for the statement to be kept, with its plan.
    for (let time = 0; time < 10; time++) await find(time)
    const sets = Array.from({ length: ROWS }, (_, number) => [
      {
        kind: 'insert' as const,
        table: 'things',
        row: { id: idOf(number), name: nameOf(number), worth: number, revision: 1 },
      },
    ])
    await storage.write(sets)
    for (let number = 0; number < LOOKED_UP; number++) {
      const [answer] = await find(number)
      expect(answer?.rows[0]?.row.id).toBe(idOf(number))
    }
    // A connection hands in what it has counted when it ends, at the latest.
    await storage.close()
    // Told an order for the one row, PostgreSQL would walk the key in search of it, and read no entry of this index.
    await expect.poll(() => entriesRead('things_name%'), { timeout: 20_000 }).toBeGreaterThanOrEqual(LOOKED_UP)
    expect(await entriesRead('things_%')).toBeLessThan(3 * LOOKED_UP)
  }, 60_000)
})
