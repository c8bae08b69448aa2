import { retry } from '../../waiting/retry'
import type { Answer, ChangeSet, Query, Storage } from '../contract'
import { createLifecycle } from '../lifecycle'
import { compareLists } from '../order'
import { NO_SCHEMA } from '../schema-upgrade'
import type { PostgresPlace } from './connect-options'
import { isInTheWay, losesConnection, sqlState, toStorageError } from './failures'
import { nameIn, type Place, quote, tableIn } from './names'
import { type Connection, type Connections, createConnections } from './pool'
import { createReads } from './read-statement'
import { prepareSchema } from './schema'
import { createWrites } from './write-statement'

interface Opened {
  readonly connections: Connections
  readonly place: Place
  readonly reads: ReturnType<typeof createReads>
  readonly writes: ReturnType<typeof createWrites>
  /** False where statements by themselves would run in another isolation level, or read the NULL of an array as text. */
  readonly hasUsualSettings: boolean
}

interface Asked {
  readonly text: string
  readonly name: string | undefined
  readonly parameters: readonly unknown[]
}

/** Sends one statement, and returns the text in its one column. */
type Send = (statement: Asked) => Promise<string | null>

type Fates = readonly ('written' | 'conflict')[]

const MAX_TRIES = 6
const PAUSE_MS = 20
const UNIQUE_VIOLATION = '23505'
/** A pooler has lent another connection than the one that knows the name; nothing has happened then. */
const NAME_IS_LOST = new Set(['26000', '42P05'])
/** Of a pooler that does not know names at all. It says so too when the server crashes: what has happened is unknown. */
const PROTOCOL_VIOLATION = '08P01'

export function createPostgresStorage({ openPool, schema, limits }: PostgresPlace): Storage {
  let wanted = NO_SCHEMA
  let mayName = true
  const lifecycle = createLifecycle('The postgres storage', connect, ({ connections }) => connections.close())

  async function connect(): Promise<Opened> {
    const place = { schema, tables: wanted.tables }
    const { pool, isOurs } = await openPool()
    const connections = createConnections(pool, isOurs, limits)
    try {
      const hasUsualSettings = await prepareSchema(connections, place, wanted.version)
      return {
        connections,
        place,
        hasUsualSettings,
        reads: createReads(place),
        writes: createWrites(place, limits.lockMs),
      }
    } catch (error) {
      await connections.close()
      throw toStorageError(error)
    }
  }

  /** A statement in a transaction of its own. */
  const sendAlone =
    ({ connections, hasUsualSettings }: Opened): Send =>
    (statement) =>
      connections.during((connection) => {
        const send = () => sendOn(connection, statement)
        return hasUsualSettings ? send() : inTransaction(connection, send)
      })

  async function sendOn(connection: Connection, { text, name, parameters }: Asked): Promise<string | null> {
    const isNamed = mayName && name !== undefined
    try {
      return await connection.text(text, parameters, isNamed ? name : undefined)
    } catch (error) {
      const state = sqlState(error) ?? ''
      if (isNamed && (NAME_IS_LOST.has(state) || state === PROTOCOL_VIOLATION)) mayName = false
      throw error
    }
  }

  async function inTransaction<T>(connection: Connection, work: () => Promise<T>): Promise<T> {
    // An app server that vanishes between two statements must not hold its locks until TCP notices, which takes hours.
    await connection.run(`BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL array_nulls = on;
      SET LOCAL lock_timeout = ${limits.lockMs}; SET LOCAL statement_timeout = ${limits.statementMs};
      SET LOCAL idle_in_transaction_session_timeout = ${limits.statementMs}`)
    try {
      const result = await work()
      await connection.run('COMMIT')
      return result
    } catch (error) {
      // Of a connection that is lost the server rolls back by itself.
      if (!losesConnection(error)) await connection.run('ROLLBACK')
      throw error
    }
  }

  /** A statement of a transaction that goes on if the statement fails. */
  const sendWithin =
    (connection: Connection): Send =>
    async (statement) => {
      await connection.run('SAVEPOINT s')
      try {
        return await sendOn(connection, statement)
      } catch (error) {
        if (!losesConnection(error)) await connection.run('ROLLBACK TO s')
        throw error
      }
    }

  async function read(opened: Opened, send: Send, queries: readonly Query[]): Promise<readonly Answer[]> {
    if (queries.length === 0) return []
    const statement = opened.reads(queries)
    return statement.toAnswers(await tryAgain(() => send(statement)))
  }

  /** @param holdsLocks after a deadlock nothing is written: to try again and keep the locks would be to meet there again */
  async function write(opened: Opened, send: Send, sets: readonly ChangeSet[], holdsLocks = false): Promise<Fates> {
    if (sets.length === 0) return []
    const statement = opened.writes(sets)
    try {
      return statement.toFates(await tryAgain(() => send(statement), !holdsLocks))
    } catch (error) {
      if (holdsLocks && isInTheWay(error)) return sets.map(() => 'conflict')
      if (sqlState(error) !== UNIQUE_VIOLATION) throw error
    }
    if (sets.length === 1) return ['conflict']
    // One of them wants what is taken, and nothing is written: the halves find out which.
    const middle = sets.length >>> 1
    const first = await write(opened, send, sets.slice(0, middle), holdsLocks)
    return [...first, ...(await write(opened, send, sets.slice(middle), holdsLocks))]
  }

  /** Only what the server says has not happened is done again: of a lost connection nobody knows. */
  function tryAgain<T>(work: () => Promise<T>, mayWait = true): Promise<T> {
    let named = mayName
    const attempt = () => {
      named = mayName
      return work()
    }
    return retry(attempt, {
      afterError(error, tried) {
        if (tried === MAX_TRIES) return undefined
        if (mayWait && isInTheWay(error)) return Math.random() * PAUSE_MS * tried
        return named && NAME_IS_LOST.has(sqlState(error) ?? '') ? 0 : undefined
      },
    })
  }

  async function during<T>(work: (opened: Opened) => Promise<T>): Promise<T> {
    try {
      return await lifecycle.during(work)
    } catch (error) {
      throw toStorageError(error)
    }
  }

  /** Where the rows cannot be locked, the work is done without: it finds out by itself whether it has lost again. */
  async function whileLocked(opened: Opened, rows: Rows, work: Parameters<NonNullable<Storage['locked']>>[1]) {
    let hasLocked = false
    try {
      await opened.connections.during((connection) =>
        inTransaction(connection, async () => {
          await lock(connection, opened.place, rows)
          hasLocked = true
          const send = sendWithin(connection)
          await work({
            read: (queries) => read(opened, send, queries),
            write: (sets) => write(opened, send, sets, true),
          })
        }),
      )
    } catch (error) {
      if (hasLocked || !isInTheWay(error)) throw error
      const send = sendAlone(opened)
      await work({ read: (queries) => read(opened, send, queries), write: (sets) => write(opened, send, sets) })
    }
  }

  return {
    name: 'postgres',
    writes: 2,
    open(asked) {
      wanted = asked
      return lifecycle.open()
    },
    close: lifecycle.close,
    async ping() {
      const text = `SELECT version::text FROM ${nameIn({ schema, tables: wanted.tables }, 'keyslot_schema')}`
      await during((opened) => sendAlone(opened)({ text, name: undefined, parameters: [] }))
    },
    read: (queries) => during((opened) => read(opened, sendAlone(opened), queries)),
    write: (sets) => during((opened) => write(opened, sendAlone(opened), sets)),
    locked: (rows, work) => during((opened) => whileLocked(opened, rows, work)),
  }
}

type Rows = Parameters<NonNullable<Storage['locked']>>[0]

/** Locks rows one after the other, in the order that writes lock them in. */
async function lock(connection: Connection, place: Place, rows: Rows) {
  const sorted = [...rows].sort((a, b) => compareLists([a.table, ...a.key], [b.table, ...b.key]))
  for (const { table, key } of sorted) {
    const where = tableIn(place.tables, table).key.map((column, index) => `${quote(column)} = $${index + 1}`)
    const found = `SELECT 1 FROM ${nameIn(place, table)} WHERE ${where.join(' AND ')} FOR UPDATE`
    await connection.text(found, key)
  }
}
