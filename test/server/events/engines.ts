import { afterEach } from 'vitest'
import type { Storage } from '../../../src/storage/contract'
import { memoryStorage } from '../../../src/storage/memory'
import { postgresStorage } from '../../../src/storage/postgres'
import { sqliteStorage } from '../../../src/storage/sqlite'
import { createStore } from '../../../src/storage/verbs/create-store'
import type { Store } from '../../../src/storage/verbs/store'
import { scratchSchema } from '../../postgres/scratch-schema'
import { ACCOUNT } from '../../storage/verbs/kit/entities'
import { createScratch } from '../../storage/verbs/sqlite-scratch'

/** A store that was opened, with the account `ACCOUNT`, and the rows below it. */
export interface Opened {
  readonly store: Store
  readonly storage: Storage
}

export const ENGINES = ['memory', 'sqlite', 'postgres'] as const
export type Engine = (typeof ENGINES)[number]

/** Opens stores on every engine; they are gone after the test. */
export function createEngines(): (engine: Engine) => Promise<Opened> {
  const scratch = createScratch()
  const drops: (() => Promise<void>)[] = []
  const opened: Store[] = []

  afterEach(async () => {
    for (const store of opened.splice(0)) await store.close()
    for (const drop of drops.splice(0)) await drop()
  })

  const storageOn: Readonly<Record<Engine, () => Promise<Storage>>> = {
    memory: async () => memoryStorage(),
    sqlite: async () => sqliteStorage({ file: scratch.file() }),
    async postgres() {
      const { url, schema, drop } = await scratchSchema()
      drops.push(drop)
      return postgresStorage({ connectionString: url, schema })
    },
  }
  return async (engine) => {
    const storage = await storageOn[engine]()
    const store = createStore(storage)
    opened.push(store)
    await store.open()
    await store.insertAccount(ACCOUNT)
    return { store, storage }
  }
}
