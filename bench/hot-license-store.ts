import type { Storage } from '../src/storage/contract'
import { postgresStorage } from '../src/storage/postgres'
import { sqliteStorage } from '../src/storage/sqlite'
import { createStore } from '../src/storage/verbs/create-store'
import type { Store } from '../src/storage/verbs/store'

/** Where the hot license is. */
export interface Wanted {
  readonly kind: 'sqlite' | 'postgres'
  /** A file, or a connection string. */
  readonly place: string
  readonly schema: string
}

/** A store, and a count of the change sets that lost to another process. */
export function openStore({ kind, place, schema }: Wanted): { readonly store: Store; readonly lost: () => number } {
  const storage =
    kind === 'sqlite' ? sqliteStorage({ file: place }) : postgresStorage({ connectionString: place, schema })
  let conflicts = 0
  const counted: Storage = {
    ...storage,
    async write(sets) {
      const fates = await storage.write(sets)
      conflicts += fates.filter((fate) => fate === 'conflict').length
      return fates
    },
  }
  return { store: createStore(counted), lost: () => conflicts }
}
