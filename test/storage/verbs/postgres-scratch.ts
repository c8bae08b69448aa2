import { afterEach } from 'vitest'
import type { PostgresStorageOptions } from '../../../src/storage/postgres'
import type { Store } from '../../../src/storage/verbs/store'
import { scratchSchema } from '../../postgres/scratch-schema'
import { ACCOUNT } from './kit/entities'
import type { PostgresStore } from './postgres-places'
import { postgresStore } from './stores'

/** More rounds, for as long as one likes: `POSTGRES_FIRE=10`. */
export const FIRE = Number(process.env.POSTGRES_FIRE ?? 1)

/** Says what was measured. */
export function say(what: string, figures: Readonly<Record<string, unknown>>): void {
  console.info(`postgres ${what}: ${JSON.stringify(figures)}`)
}

/** Schemas on the shared server and storages of one test, gone after it. */
export function createPostgresScratch() {
  const drops: (() => Promise<void>)[] = []
  const storages: Store[] = []

  afterEach(async () => {
    for (const storage of storages.splice(0)) await storage.close()
    for (const drop of drops.splice(0)) await drop()
  })

  return {
    async schema() {
      const scratch = await scratchSchema()
      drops.push(scratch.drop)
      return scratch
    },
    /** Opens it, with the account `ACCOUNT`. */
    async open({ url, schema }: PostgresStore, options: Partial<PostgresStorageOptions> = {}): Promise<Store> {
      const where = options.pool === undefined ? { connectionString: url } : {}
      const storage = postgresStore({ ...where, schema, ...options })
      storages.push(storage)
      await storage.open()
      await storage.insertAccount(ACCOUNT)
      return storage
    },
  }
}

/** How many rows a table holds that the condition is true of. */
export async function countRows(
  { query }: { query(sql: string): Promise<readonly { readonly count: unknown }[]> },
  from: string,
): Promise<number> {
  const [row] = await query(`SELECT count(*)::int AS count FROM ${from}`)
  return Number(row?.count)
}
