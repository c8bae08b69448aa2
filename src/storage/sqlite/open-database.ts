import type { Database } from './driver'
import { openFile } from './open-file'
import { checkIdentity, migrate } from './schema'

/**
 * Opens the file, makes it if it is not there, and brings its schema up to date.
 * @param patienceMs how long to wait for other processes that open it
 */
export function openDatabase(file: string, patienceMs: number): Promise<Database> {
  const schema = {
    check: (database: Database) => checkIdentity(database, file),
    make(database: Database) {
      database.pragma('foreign_keys = ON')
      migrate(database, file)
    },
  }
  return openFile(file, schema, patienceMs)
}
