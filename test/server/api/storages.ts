import { join } from 'node:path'
import { createKeyring, createLicensing, type Licensing } from 'keyslot/server'
import { memoryStorage, type Storage } from 'keyslot/storage'
import { postgresStorage } from 'keyslot/storage/postgres'
import { sqliteStorage } from 'keyslot/storage/sqlite'
import { afterAll, beforeAll, expect } from 'vitest'
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

/** A licensing service for the tests of a block, over an empty store of that kind, with one product. It is closed at their end. */
export function useLicensing(name: string): {
  readonly storage: Storage
  readonly licensing: Licensing
  readonly productId: string
} {
  let opened: { storage: Storage; licensing: Licensing; productId: string } | undefined
  let drop: (() => Promise<void>) | undefined
  const get = () => opened ?? expect.fail('the tests have not begun')
  beforeAll(async () => {
    const made = await STORAGES[name]?.()
    if (made === undefined) throw new Error(`there is no storage ${name}`)
    drop = made.drop
    const { storage } = made
    const licensing = await createLicensing({ storage, keyring: createKeyring(new Date()) })
    const { id: productId } = await licensing.products.create({ name: 'Acme Editor' })
    opened = { storage, licensing, productId }
  })
  afterAll(async () => {
    await opened?.licensing.close()
    await drop?.()
  })
  return {
    get storage() {
      return get().storage
    },
    get licensing() {
      return get().licensing
    },
    get productId() {
      return get().productId
    },
  }
}
