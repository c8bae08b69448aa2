import { afterEach, describe, expect, it } from 'vitest'
import type { Storage } from '../../src/storage/contract'
import { postgresStorage } from '../../src/storage/postgres'
import { SCHEMA } from '../../src/testing/tables'
import { type ScratchSchema, scratchSchema } from '../postgres/scratch-schema'

const left: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const leave of left.splice(0).reverse()) await leave()
})

async function scratch(): Promise<ScratchSchema> {
  const made = await scratchSchema()
  left.push(made.drop)
  return made
}

function rowsIn({ url, schema }: ScratchSchema): Storage {
  const storage = postgresStorage({ connectionString: url, schema, maxConnections: 2 })
  left.push(storage.close)
  return storage
}

describe('the schema in PostgreSQL', () => {
  it('is made once by instances that start together', async () => {
    const place = await scratch()
    const four = [1, 2, 3, 4].map(() => rowsIn(place))
    await Promise.all(four.map((storage) => storage.open(SCHEMA)))
    await Promise.all(four.map((storage) => storage.ping()))
    const { rows } = await place.pool.query(`SELECT version FROM ${place.schema}.keyslot_schema`)
    expect(rows).toEqual([{ version: SCHEMA.version }])
  })

  it('is the same whatever the order in which it is defined', async () => {
    const place = await scratch()
    await rowsIn(place).open(SCHEMA)
    await rowsIn(place).open({ ...SCHEMA, tables: Object.fromEntries(Object.entries(SCHEMA.tables).reverse()) })
  })

  it.each([
    ['other tables', (schema: string) => `UPDATE ${schema}.keyslot_schema SET definitions = '{}'`, /has other tables/],
    [
      'a newer keyslot',
      (schema: string) => `UPDATE ${schema}.keyslot_schema SET version = version + 1`,
      /by a newer keyslot/,
    ],
    ['another program', (schema: string) => `DROP TABLE ${schema}.keyslot_schema`, /tables of another program/],
  ])('of %s is refused in one line', async (_, statement, message) => {
    const place = await scratch()
    await rowsIn(place).open(SCHEMA)
    await place.pool.query(statement(place.schema))
    const error: unknown = await rowsIn(place)
      .open(SCHEMA)
      .catch((reason: unknown) => reason)
    expect(error).toMatchObject({ code: 'STORAGE_INCOMPATIBLE', message: expect.stringMatching(message) })
    expect((error as Error).message).not.toContain('\n')
  })

  it('says how an instant is read', async () => {
    const place = await scratch()
    await rowsIn(place).open(SCHEMA)
    const { rows } = await place.pool.query('SELECT col_description($1::regclass, 7) AS comment', [
      `${place.schema}.items`,
    ])
    expect(rows).toEqual([{ comment: 'Milliseconds since 1970: to_timestamp("addedAt" / 1000.0)' }])
  })
})
