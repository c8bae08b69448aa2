import type { Storage } from '../contract'
import { createLifecycle } from '../lifecycle'
import { NO_SCHEMA } from '../schema-upgrade'
import type { Database } from './driver'
import { openFile } from './open-file'
import { createReader, type Reader } from './read'
import { createTurns } from './turns'
import { createWriter, type Writer } from './write'

interface Connection {
  readonly database: Database
  readonly reader: Reader
  readonly writer: Writer
}

/** @param patienceMs how long a call waits for the lock of another process */
export function createSqliteStorage(file: string, patienceMs: number): Storage {
  let schema = NO_SCHEMA

  const lifecycle = createLifecycle<Connection>(
    'The sqlite storage',
    async () => {
      const database = await openFile(file, schema, patienceMs)
      return { database, reader: createReader(database, schema.tables), writer: createWriter(database, schema.tables) }
    },
    // The last connection to a file copies the write-ahead log into it and removes the log.
    ({ database }) => {
      database.close()
    },
  )

  const turns = createTurns(patienceMs)
  const inTurn = <T>(work: (connection: Connection) => T): Promise<T> =>
    lifecycle.during((connection) => turns.take(() => work(connection)))

  return {
    name: 'sqlite',
    open(wanted) {
      schema = wanted
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
    locked: (_, work) => lifecycle.during((connection) => turns.whileLocked(connection, work)),
  }
}
