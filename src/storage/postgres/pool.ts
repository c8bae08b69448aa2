import { isTimeout, withTimeout } from '../../waiting/with-timeout'
import type { PostgresClient, PostgresPool, PostgresResult } from './driver'
import { losesConnection, unavailable } from './failures'

/** How long things may take, in milliseconds. */
export interface Limits {
  /** Until the pool has a connection to lend. */
  readonly connectMs: number
  /** A statement's wait for a lock. */
  readonly lockMs: number
  /** One statement. */
  readonly statementMs: number
}

/** A connection lent for one step. */
export interface Connection {
  /**
   * The one text column of the one row; null without a row.
   * @param name keeps the statement prepared on this connection; always the same text under the same name
   */
  text(sql: string, parameters?: readonly unknown[], name?: string): Promise<string | null>
  /** Statements without parameters or results, in one round trip. */
  run(sql: string): Promise<void>
}

/**
 * Lends connections, and sees to it that none of their errors ends the host's process: a pool, and a connection that is
 * lent, emit `error` when the server goes, which nobody may be listening to.
 */
export interface Connections {
  /** @param statementMs how long each statement may take, where it is another limit than usual */
  during<T>(work: (connection: Connection) => Promise<T>, statementMs?: number): Promise<T>
  close(): Promise<void>
}

/** @param isOurs the pool is ended on close; a pool of the host's is left to it */
export function createConnections(pool: PostgresPool, isOurs: boolean, limits: Limits): Connections {
  pool.on('error', ignore)

  return {
    async during(work, statementMs = limits.statementMs) {
      const client = await lend(pool, limits.connectMs)
      let lost: Error | undefined
      // Of a connection that breaks, the statement under way tells as well.
      const onError = (error: Error) => {
        lost = error
      }
      client.on('error', onError)
      try {
        return await work(connectionOn(client, statementMs))
      } catch (error) {
        if (losesConnection(error)) lost ??= error instanceof Error ? error : new Error(String(error))
        throw error
      } finally {
        client.off('error', onError)
        client.release(lost)
      }
    },

    async close() {
      if (!isOurs) return void pool.off('error', ignore)
      // Connections go on closing after this: should the server go meanwhile, somebody must still listen.
      await pool.end()
    },
  }
}

function ignore() {
  // The next statement says what is wrong.
}

/** A connection of the pool's; not waited for longer than the limit, whatever the host's pool says. */
async function lend(pool: PostgresPool, connectMs: number): Promise<PostgresClient> {
  const connecting = pool.connect()
  return await withTimeout(() => connecting, connectMs).catch((error: unknown) => {
    if (!isTimeout(error)) throw error
    // A connection that comes too late goes straight back to the pool.
    connecting.then((client) => client.release()).catch(() => undefined)
    throw unavailable('no connection in time')
  })
}

/** Text as it comes. */
const types = { getTypeParser: () => (text: string) => text }

function connectionOn(client: PostgresClient, statementMs: number): Connection {
  // The server ends a statement first where it can; the client's own limit is for a server that does not answer.
  const query_timeout = statementMs + 1000
  return {
    async text(text, parameters = [], name) {
      const named = name === undefined ? {} : { name }
      const query = { ...named, text, values: [...parameters], query_timeout, types }
      const result = (await client.query(query)) as PostgresResult
      const [row] = result.rows
      return row === undefined ? null : (Object.values(row)[0] as string | null)
    },
    async run(text) {
      await client.query({ text, query_timeout, types })
    },
  }
}
