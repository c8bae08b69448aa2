import pg from 'pg'
import { afterAll } from 'vitest'
import type { PostgresStorageOptions } from '../../../src/storage/postgres'
import { type ScratchSchema, scratchSchema } from '../../postgres/scratch-schema'
import type { FixtureState, StoreFixture } from './kit/kit'
import { postgresStore } from './stores'

/** A connection plans a statement once, as it does where keyslot makes the pool. */
const options = '-c plan_cache_mode=force_generic_plan -c enable_seqscan=off -c jit=off'

/**
 * Makes fixtures on PostgreSQL. A schema takes 0.2 s to make, and a new connection longer than a test to plan its statements:
 * the tests of a file use a few schemas in turn, emptied, over one pool.
 *
 * @param connection settings with which each store makes a pool of its own
 */
export function createPostgresFixtures(
  connection?: PostgresStorageOptions['connection'],
): (state: FixtureState) => Promise<StoreFixture> {
  const made: ScratchSchema[] = []
  const free: ScratchSchema[] = []
  let pool: pg.Pool | undefined

  afterAll(async () => {
    await pool?.end()
    for (const { drop } of made) await drop()
  })

  async function make(): Promise<ScratchSchema> {
    const scratch = await scratchSchema()
    made.push(scratch)
    pool ??= new pg.Pool({ connectionString: scratch.url, max: 10, options })
    return scratch
  }

  return async (state) => {
    const scratch = (state === 'empty' ? free.pop() : undefined) ?? (await make())
    const { url, schema } = scratch
    const own = connection === undefined ? { connectionString: url } : { connectionString: url, connection }
    const where = state === 'empty' && pool !== undefined && connection === undefined ? { pool } : own
    return {
      createStore: () => postgresStore({ ...where, schema }),
      async cleanup() {
        await empty(scratch)
        free.push(scratch)
      },
    }
  }
}

/** Deletes all rows but the mark of the schema; faster than TRUNCATE where there are few. */
async function empty({ pool, schema }: ScratchSchema): Promise<void> {
  await pool.query(`DO $$
    DECLARE name text;
    BEGIN
      FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = '${schema}' AND tablename <> 'keyslot_schema' LOOP
        EXECUTE format('DELETE FROM ${schema}.%I', name);
      END LOOP;
    END $$`)
}
