import { peerFailure } from '../missing-peer'

/** What is needed of a pool of `pg`'s, typed structurally: the host may have a version or a wrapper of its own. */
export interface PostgresPool {
  connect(): Promise<PostgresClient>
  end(): Promise<void>
  on(event: 'error', listener: (error: Error) => void): unknown
  off(event: 'error', listener: (error: Error) => void): unknown
}

export interface PostgresClient {
  query(query: PostgresQuery): Promise<PostgresResult | readonly PostgresResult[]>
  /** @param error anything but undefined or false: the connection is closed rather than used again */
  release(error?: Error | boolean): void
  on(event: 'error', listener: (error: Error) => void): unknown
  off(event: 'error', listener: (error: Error) => void): unknown
}

export interface PostgresQuery {
  readonly text: string
  /** Present for a statement that the connection keeps prepared. */
  readonly name?: string
  readonly values?: unknown[]
  /** Milliseconds until the client gives up on the answer. */
  readonly query_timeout: number
  /** How a column of a type becomes a value, whatever the host has told its `pg` globally. */
  readonly types: { getTypeParser(): (text: string) => unknown }
}

export interface PostgresResult {
  readonly rows: readonly Readonly<Record<string, unknown>>[]
}

/** The `Pool` of pg, with the options we set. */
export type PoolConstructor = new (options: Readonly<Record<string, unknown>>) => PostgresPool

/**
 * Loads the optional peer only when a store is opened without a pool, so that hosts on another database need not have it.
 * @throws {LicenseError} PEER_MISSING when it is not installed
 */
export async function loadPool(importDriver: () => Promise<unknown> = () => import('pg')): Promise<PoolConstructor> {
  try {
    const { default: driver } = (await importDriver()) as { readonly default: { readonly Pool: PoolConstructor } }
    return driver.Pool
  } catch (cause) {
    throw peerFailure(cause, 'pg', 'The PostgreSQL storage needs the package pg: npm install pg')
  }
}
