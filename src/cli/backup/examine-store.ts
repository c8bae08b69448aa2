import { loadKeyring } from '../../server/index'
import { allKeys } from '../../server/signing/keyring'
import { examineDatabase } from '../../storage/sqlite/snapshot'
import { SCHEMA, TABLES } from '../../storage/tables'
import { UsageError } from '../failure'
import { describeLocation, parseStorage } from '../storage-location'

/** What a store in a SQLite file is. */
export interface ExaminedStore {
  readonly licenses: number
  readonly activations: number
  /** The key that the store was last signed for with, by `kid`; undefined where it was never used. */
  readonly signingKey: string | undefined
}

/**
 * Reads a whole store that nobody writes.
 * @throws {LicenseError} STORAGE_INCOMPATIBLE when it is damaged, or no store of this keyslot or an earlier one
 */
export function examineStore(file: string): Promise<ExaminedStore> {
  return examineDatabase(file, SCHEMA, (database) => {
    const one = (query: string) => database.prepare(query).pluck().get()
    const count = (table: { readonly name: string }) => Number(one(`SELECT count(*) FROM ${table.name}`))
    const kid = one(`SELECT kid FROM ${TABLES.signingKey.name} ORDER BY place DESC LIMIT 1`)
    return {
      licenses: count(TABLES.license),
      activations: count(TABLES.activation),
      signingKey: typeof kid === 'string' ? kid : undefined,
    }
  })
}

/** Whether a keyring file, which must be there, can go on signing for a store. */
export async function signsFor({ signingKey }: ExaminedStore, keyringFile: string): Promise<boolean> {
  const keyring = await loadKeyring(keyringFile)
  return signingKey === undefined || allKeys(keyring).some(({ kid }) => kid === signingKey)
}

/** The file of a store. @throws {UsageError} for any other store */
export function sqliteFileOf(storage: string): string {
  const location = parseStorage(storage)
  if (location.kind === 'sqlite') return location.file
  const where = location.kind === 'memory' ? 'a store in memory' : describeLocation(location)
  throw new UsageError(
    `${where} is not in a SQLite file; PostgreSQL is backed up with pg_dump and restored with pg_restore`,
  )
}
