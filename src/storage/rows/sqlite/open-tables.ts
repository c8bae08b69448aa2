import type { Database } from '../../sqlite/driver'
import { openFile } from '../../sqlite/open-file'
import type { Tables } from '../contract'
import { checkIdentity, makeTables } from './schema'

/**
 * Opens the file, makes it if it is not there, and makes its tables.
 *
 * @param patienceMs how long to wait for other processes that open it
 * @throws {LicenseError} as `sqliteRows` says
 */
export function openTables(file: string, tables: Tables, patienceMs: number): Promise<Database> {
  const schema = {
    check: (database: Database) => checkIdentity(database, file, tables),
    make: (database: Database) => makeTables(database, file, tables),
  }
  return openFile(file, schema, patienceMs)
}
