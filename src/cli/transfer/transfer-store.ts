import { existsSync } from 'node:fs'
import { createStore } from '../../storage/verbs/create-store'
import type { Store } from '../../storage/verbs/store'
import { CommandFailure, UsageError } from '../failure'
import { createStorage } from '../open-store'
import { describeLocation, parseStorage, type StorageLocation } from '../storage-location'

/** A store to copy records from or into. No licensing service works on it, so that nothing else is made in it. */
export interface TransferStore {
  readonly location: StorageLocation
  /** For people; without user and password. */
  readonly name: string
  readonly store: Store
}

/**
 * Does some work on a store, and closes it again.
 * @param create makes the store if there is none. Without it, a mistyped name must not make a store
 * @throws {UsageError} for a store in memory, and for one that does not give or take whole records
 */
export async function withTransferStore<T>(
  named: string,
  { create }: { readonly create: boolean },
  work: (store: TransferStore) => Promise<T>,
): Promise<T> {
  const location = parseStorage(named)
  if (location.kind === 'memory') {
    throw new UsageError('a store in memory is inside its server and cannot be reached; name one that is kept')
  }
  const name = describeLocation(location)
  if (!create && location.kind === 'sqlite' && !existsSync(location.file)) {
    throw new CommandFailure(`there is no store at ${location.file}`)
  }
  const store = createStore(await createStorage(location))
  await store.open()
  try {
    return await work({ location, name, store })
  } finally {
    await store.close()
  }
}
