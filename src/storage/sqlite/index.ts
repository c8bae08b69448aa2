import { resolve } from 'node:path'
import { refuseUnknown } from '../../protocol/unknown-name'
import type { Storage } from '../contract'
import { IN_MEMORY } from './open-file'
import { createSqliteStorage } from './sqlite-storage'

export interface SqliteStorageOptions {
  /**
   * The database file; made, readable by its owner only, when it is not there. Its folder must exist, on a local disk.
   * `:memory:` keeps everything in this process until `close()`.
   */
  readonly file: string
  /** How many milliseconds a call waits while another process holds the lock. Default 5000. */
  readonly busyTimeoutMs?: number
}

const DEFAULT_BUSY_TIMEOUT_MS = 5000

/**
 * Keeps licenses in one SQLite file. Needs the package better-sqlite3. Several processes of one host may share the file, and
 * what was written is synced to disk before `write` resolves. While another process holds the lock, it is tried for 20 ms
 * at a time, with the event loop running in between.
 *
 * `open()` throws a `LicenseError`: PEER_MISSING without better-sqlite3, STORAGE_INCOMPATIBLE for a file that is not
 * keyslot's, has other tables or was written by a newer keyslot, STORAGE_UNAVAILABLE when the file cannot be opened or
 * stays locked.
 *
 * @throws {TypeError} for a bad option
 *
 * @example
 * ```ts
 * const licensing = await createLicensing({ storage: sqliteStorage({ file: 'licenses.db' }), keyring })
 * ```
 */
export function sqliteStorage(options: SqliteStorageOptions): Storage {
  refuseUnknown('sqliteStorage', options, ['file', 'busyTimeoutMs'])
  const { file, busyTimeoutMs = DEFAULT_BUSY_TIMEOUT_MS } = options
  if (typeof file !== 'string' || file.trim() === '') throw new TypeError('sqliteStorage: file must name a file')
  if (!(busyTimeoutMs >= 0)) throw new TypeError('sqliteStorage: busyTimeoutMs must be 0 or more')
  // Resolved now: the host may change its working directory before open().
  return createSqliteStorage(file === IN_MEMORY ? file : resolve(file), busyTimeoutMs)
}
