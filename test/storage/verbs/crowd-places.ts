import { afterEach } from 'vitest'
import type { Storage } from '../../../src/storage/contract'
import { createMemoryStorage, MemoryRows } from '../../../src/storage/memory/memory-storage'
import { postgresStorage } from '../../../src/storage/postgres'
import { sqliteStorage } from '../../../src/storage/sqlite'
import { createStore, type StoreOptions } from '../../../src/storage/verbs/create-store'
import type { Store } from '../../../src/storage/verbs/store'
import { scratchSchema } from '../../postgres/scratch-schema'
import { createScratch } from './sqlite-scratch'

/** A store, and the rows that it works on. */
export interface Opened {
  readonly store: Store
  readonly rows: Storage
}

/**
 * Opens one more store on a database of its own.
 * @param change what lies between the verbs and the rows
 */
export type OpenMore = (change?: (rows: Storage) => Storage, options?: StoreOptions) => Promise<Opened>

export function createCrowdPlaces(): Readonly<Record<'memory' | 'sqlite' | 'postgres', () => Promise<OpenMore>>> {
  const scratch = createScratch()
  const drops: (() => Promise<void>)[] = []
  const stores: Store[] = []

  afterEach(async () => {
    for (const store of stores.splice(0)) await store.close()
    for (const drop of drops.splice(0)) await drop()
  })

  const placeOf =
    (handle: () => Storage): OpenMore =>
    async (change = (same) => same, options = {}) => {
      const rows = change(handle())
      const store = createStore(rows, options)
      stores.push(store)
      await store.open()
      return { store, rows }
    }
  return {
    async memory() {
      const kept = new MemoryRows()
      return placeOf(() => createMemoryStorage(kept))
    },
    async sqlite() {
      const file = scratch.file()
      return placeOf(() => sqliteStorage({ file }))
    },
    async postgres() {
      const { url, schema, drop } = await scratchSchema()
      drops.push(drop)
      return placeOf(() => postgresStorage({ connectionString: url, schema }))
    },
  }
}
