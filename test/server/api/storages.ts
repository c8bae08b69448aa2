import { join } from 'node:path'
import { memoryStorage, type Storage } from 'keyslot/storage'
import { postgresStorage } from 'keyslot/storage/postgres'
import { sqliteStorage } from 'keyslot/storage/sqlite'
import { scratchFolder } from '../../cli/scratch-folder'
import { scratchSchema } from '../../postgres/scratch-schema'

/** Makes an empty store of each kind; `drop` is for after its end. */
export const STORAGES: Readonly<Record<string, () => Promise<{ storage: Storage; drop?: () => Promise<void> }>>> = {
  memory: async () => ({ storage: memoryStorage() }),
  SQLite: async () => ({ storage: sqliteStorage({ file: join(scratchFolder(), 'store.db') }) }),
  PostgreSQL: async () => {
    const { url, schema, drop } = await scratchSchema()
    return { storage: postgresStorage({ connectionString: url, schema }), drop }
  },
}
