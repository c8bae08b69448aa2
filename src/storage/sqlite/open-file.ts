import { closeSync, existsSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import { codeOf } from '../../files/error-code'
import { LicenseError } from '../../protocol/license-error'
import type { Schema } from '../contract'
import { asDriverError, type Database, type Driver, loadDriver } from './driver'
import { retryWhileBusy } from './failures'
import { checkIdentity, makeTables } from './schema'

export const IN_MEMORY = ':memory:'

/** SQLite waits for a lock synchronously, the event loop standing still: so shortly, and again from a timer. */
export const LOCK_WAIT_MS = 20

/**
 * The write-ahead log goes back into the file at this many pages (16 MB) rather than SQLite's 1,000: a large store changes
 * pages of its own with each set, and a pause for four times as many of them is as short.
 */
const CHECKPOINT_PAGES = 4_000

/**
 * Opens a database file, makes it if it is not there, and makes its tables.
 *
 * @param patienceMs how long to wait for other processes that open it
 * @throws {LicenseError} STORAGE_UNAVAILABLE, STORAGE_INCOMPATIBLE or PEER_MISSING, as `sqliteStorage` says
 */
export async function openFile(file: string, schema: Schema, patienceMs: number): Promise<Database> {
  const driver = await loadDriver()
  if (file !== IN_MEMORY) prepareFile(file)
  return retryWhileBusy(() => openOnce(driver, file, schema), patienceMs)
}

function prepareFile(file: string) {
  const folder = dirname(file)
  if (!existsSync(folder)) {
    throw new LicenseError('STORAGE_UNAVAILABLE', `The folder for the SQLite database does not exist: ${folder}`)
  }
  try {
    // Only its owner reads the file, and those that SQLite puts beside it. Exclusive: closing a file that is open elsewhere
    // in this process would drop SQLite's locks on it.
    closeSync(openSync(file, 'wx', 0o600))
  } catch (cause) {
    if (codeOf(cause) === 'EEXIST') return
    throw new LicenseError('STORAGE_UNAVAILABLE', `The SQLite database cannot be created: ${file}`, { cause })
  }
}

function openOnce(driver: Driver, file: string, schema: Schema): Database {
  const database = connect(driver, file)
  try {
    checkIdentity(database, file, schema)
    setPragmas(database, file)
    makeTables(database, file, schema)
    return database
  } catch (error) {
    database.close()
    throw asFormatError(error, file)
  }
}

function connect(driver: Driver, file: string): Database {
  try {
    return new driver(file, { timeout: LOCK_WAIT_MS })
  } catch (error) {
    throw asDriverError(error)
  }
}

function setPragmas(database: Database, file: string) {
  const journalMode = database.pragma('journal_mode = WAL', { simple: true })
  if (journalMode !== 'wal' && file !== IN_MEMORY) {
    throw new LicenseError(
      'STORAGE_INCOMPATIBLE',
      `${file} is on a file system where SQLite cannot keep a write-ahead log`,
    )
  }
  // On every open: better-sqlite3 gives a file that is in WAL mode already NORMAL, which loses commits in a power cut.
  database.pragma('synchronous = FULL')
  // macOS only, where a plain sync leaves the data in the drive's cache.
  database.pragma('fullfsync = ON')
  database.pragma(`wal_autocheckpoint = ${CHECKPOINT_PAGES}`)
}

export function asFormatError(error: unknown, file: string): unknown {
  return codeOf(error) === 'SQLITE_NOTADB'
    ? new LicenseError('STORAGE_INCOMPATIBLE', `${file} is not a SQLite database`, { cause: error })
    : error
}
