import { createLifecycle } from '../../lifecycle'
import type { Database } from '../../sqlite/driver'
import { retryWhileBusy } from '../../sqlite/failures'
import type { RowStorage, Tables } from '../contract'
import { openTables } from './open-tables'
import { createReader, type Reader } from './read'
import { createWriter, type Writer } from './write'

interface Connection {
  readonly database: Database
  readonly reader: Reader
  readonly writer: Writer
}

/** @param patienceMs how long a call waits for the lock of another process */
export function createSqliteRows(file: string, patienceMs: number): RowStorage {
  let tables: Tables = {}

  const lifecycle = createLifecycle<Connection>(
    'The sqlite storage',
    async () => {
      const database = await openTables(file, tables, patienceMs)
      return { database, reader: createReader(database, tables), writer: createWriter(database, tables) }
    },
    // The last connection to a file copies the write-ahead log into it and removes the log.
    ({ database }) => {
      database.close()
    },
  )

  const inTurn = <T>(work: (connection: Connection) => T): Promise<T> =>
    lifecycle.during((connection) => retryWhileBusy(() => work(connection), patienceMs))

  return {
    name: 'sqlite',
    open(defined) {
      tables = defined
      return lifecycle.open()
    },
    close: lifecycle.close,
    ping: () =>
      inTurn(({ database }) => {
        // Of the file: SELECT 1 would answer without it.
        database.pragma('user_version')
      }),
    read: (queries) => inTurn(({ reader }) => reader.read(queries)),
    write: (sets) => inTurn(({ writer }) => writer.write(sets)),
  }
}
