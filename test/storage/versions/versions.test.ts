import { writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { SCHEMA } from '../../../src/storage/tables'
import type { Store } from '../../../src/storage/verbs/store'
import { scratchSchema } from '../../postgres/scratch-schema'
import { ACCOUNT, claim, NOW, newIdempotency, newProduct, sellMore } from '../verbs/kit/entities'
import { outcomeOf } from '../verbs/kit/outcomes'
import { exportAll } from '../verbs/kit/transfer-scene'
import { createScratch } from '../verbs/sqlite-scratch'
import { postgresStore, sqliteStore } from '../verbs/stores'
import { type Fixture, fixtures, SCHEMA_NAME } from './fixtures'

const scratch = createScratch()

/** Everything is there, in its order, and the store works. */
async function holds(store: Store, { records }: Fixture) {
  await store.open()
  try {
    expect(await exportAll(store)).toEqual(records)
    const step = { now: NOW, idempotency: newIdempotency('kept') }
    const again = await store.updateCustomer(ACCOUNT.id, 'cus_full', { active: true }, step)
    expect(again).toMatchObject({ kind: 'updated', replayed: { at: NOW } })
    const { product } = outcomeOf(await store.insertProduct(ACCOUNT.id, newProduct('more'), { now: NOW }), 'created')
    const sale = await sellMore(store, product, 'more', { productIds: [product.id] })
    expect((await claim(store, sale, 'a new host')).kind).toBe('created')
  } finally {
    await store.close()
  }
}

describe.each(fixtures())('a store of schema $version', (fixture) => {
  it('is opened and used, as a file of SQLite', async () => {
    const file = scratch.file()
    writeFileSync(file, fixture.file)
    await holds(sqliteStore({ file }), fixture)
  })

  it('is opened and used, as a schema of PostgreSQL', async () => {
    const { url, schema, pool, drop } = await scratchSchema()
    try {
      await pool.query(fixture.dump.replaceAll(SCHEMA_NAME, schema))
      await holds(postgresStore({ connectionString: url, schema }), fixture)
    } finally {
      await drop()
    }
  })
})

it('each version of the schema has a store', () => {
  expect(fixtures().map(({ version }) => version)).toEqual(
    Array.from({ length: SCHEMA.version }, (_, index) => index + 1),
  )
})
