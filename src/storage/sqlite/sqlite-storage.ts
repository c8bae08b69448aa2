import type { Storage } from '../contract'
import { createLifecycle } from '../lifecycle'
import { NO_SCHEMA } from '../schema-upgrade'
import type { Database } from './driver'
import { retryWhileBusy, shortPauseMs, toStorageError } from './failures'
import { openFile } from './open-file'
import { createReader, type Reader } from './read'
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

  /** Set while a call of `locked` is in its transaction, until it ends. */
  let held: Promise<void> | undefined

  async function apart<T>(work: () => T): Promise<T> {
    while (held !== undefined) await held
    return work()
  }

  const inTurn = <T>(work: (connection: Connection) => T): Promise<T> =>
    lifecycle.during((connection) => retryWhileBusy(() => apart(() => work(connection)), patienceMs))

  /** Takes the lock of the file before anything is read: rows have no locks of their own. */
  async function whileLocked({ reader, writer }: Connection, work: Parameters<NonNullable<Storage['locked']>>[1]) {
    let letGo = () => {}
    const hold = () => {
      writer.transaction.begin()
      held = new Promise((resolve) => {
        letGo = resolve
      })
    }
    await retryWhileBusy(() => apart(hold), patienceMs, shortPauseMs)
    try {
      await work({
        read: async (queries) => reader.read(queries),
        write: async (sets) => writer.transaction.write(sets),
      })
      writer.transaction.commit()
    } catch (error) {
      writer.transaction.undo()
      throw toStorageError(error)
    } finally {
      held = undefined
      letGo()
    }
  }

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
    locked: (_, work) => lifecycle.during((connection) => whileLocked(connection, work)),
  }
}
