import { memoryStorage } from '../../../src/storage/memory'
import { createMemoryStorage, type MemoryRows } from '../../../src/storage/memory/memory-storage'
import { type PostgresStorageOptions, postgresStorage } from '../../../src/storage/postgres'
import { type SqliteStorageOptions, sqliteStorage } from '../../../src/storage/sqlite'
import { createStore, type StoreOptions } from '../../../src/storage/verbs/create-store'
import type { Store } from '../../../src/storage/verbs/store'

/** A store in memory, which ends when it closes. */
export function memoryStore(): Store {
  return createStore(memoryStorage())
}

/** A store on rows in memory that outlive it: what is closed can be opened again, several times at once. */
export function storeOn(rows: MemoryRows, options: StoreOptions = {}): Store {
  return createStore(createMemoryStorage(rows), options)
}

export function sqliteStore(options: SqliteStorageOptions): Store {
  return createStore(sqliteStorage(options))
}

export function postgresStore(options: PostgresStorageOptions): Store {
  return createStore(postgresStorage(options))
}
