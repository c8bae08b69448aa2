import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { inject } from 'vitest'

/** A place in the shared server that nobody else uses. */
export interface ScratchSchema {
  /** Its name; the schema itself is not made. */
  readonly schema: string
  /** The connection string of the shared server. */
  readonly url: string
  /** A pool of this test file, on the shared server; not to be ended. */
  readonly pool: pg.Pool
  /** Drops the schema with everything in it. */
  drop(): Promise<void>
}

let pool: Promise<pg.Pool> | undefined

/** A schema name of one's own on the server all test files share, which the first call of a run starts. */
export async function scratchSchema(): Promise<ScratchSchema> {
  pool ??= openPool()
  const shared = await pool
  const schema = `scratch_${randomBytes(8).toString('hex')}`
  return {
    schema,
    url: shared.options.connectionString ?? '',
    pool: shared,
    drop: async () => {
      await shared.query(`SET client_min_messages = warning; DROP SCHEMA IF EXISTS ${schema} CASCADE`)
    },
  }
}

async function openPool(): Promise<pg.Pool> {
  const response = await fetch(inject('postgresDesk'))
  const answer = await response.text()
  if (!response.ok) throw new Error(answer)
  return new pg.Pool({ connectionString: answer, max: 2, allowExitOnIdle: true })
}
