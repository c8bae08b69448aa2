import { existsSync } from 'node:fs'
import { codeOf } from '../../files/error-code'
import { LicenseError } from '../../protocol/license-error'
import type { Schema } from '../contract'
import { type Database, type Driver, loadDriver } from './driver'
import { asFormatError, LOCK_WAIT_MS } from './open-file'
import { checkIdentity } from './schema'

/** All pages at once: a copy in parts begins anew whenever another process writes. */
const ALL_PAGES = 2 ** 31 - 1

/**
 * Copies a database as it is at one moment, also while other processes write it, into one file without a write-ahead log.
 * Whatever is at `to` is replaced.
 *
 * @throws {LicenseError} STORAGE_INCOMPATIBLE when the file is not keyslot's, or from a newer keyslot; PEER_MISSING
 */
export async function copyDatabase(from: string, to: string, schema: Schema): Promise<void> {
  const driver = await loadDriver()
  // Not read-only: such a connection leaves the files of the write-ahead log behind.
  const source = openExisting(driver, from, false)
  try {
    checkIdentity(source, from, schema)
    await source.backup(to, { progress: () => ALL_PAGES })
  } finally {
    source.close()
  }
  const copy = openExisting(driver, to, false)
  copy.pragma('journal_mode = DELETE')
  copy.close()
}

/**
 * Reads a whole database file that nobody writes, and changes nothing.
 *
 * @param read asks what else is of interest, once the file is known to be whole
 * @throws {LicenseError} STORAGE_INCOMPATIBLE when the file is damaged, is not keyslot's, or is from a newer keyslot
 */
export async function examineDatabase<T>(file: string, schema: Schema, read: (database: Database) => T): Promise<T> {
  const database = openExisting(await loadDriver(), file, true)
  try {
    const found = database.pragma('integrity_check(1)', { simple: true })
    if (found !== 'ok') throw new LicenseError('STORAGE_INCOMPATIBLE', `${file} is damaged: ${String(found)}`)
    checkIdentity(database, file, schema)
    return read(database)
  } catch (error) {
    throw asFormatError(error, file)
  } finally {
    database.close()
  }
}

/**
 * Whether another connection has the database open, of this process or another. Whoever may have it to himself writes what its
 * write-ahead log holds back into the file.
 */
export async function isOpenElsewhere(file: string): Promise<boolean> {
  const database = openExisting(await loadDriver(), file, false)
  try {
    database.pragma('locking_mode = EXCLUSIVE')
    database.exec('BEGIN EXCLUSIVE; COMMIT')
    return false
  } catch (error) {
    if (codeOf(error)?.startsWith('SQLITE_BUSY')) return true
    throw asFormatError(error, file)
  } finally {
    database.close()
  }
}

function openExisting(driver: Driver, file: string, readonly: boolean): Database {
  if (!existsSync(file)) throw new LicenseError('STORAGE_UNAVAILABLE', `there is no file ${file}`)
  return new driver(file, { readonly, fileMustExist: true, timeout: LOCK_WAIT_MS })
}
