import type { PostgresStore } from './postgres-places'
import { createWorkshop } from './workers'

/** What a worker can be told to do; see postgres-worker.ts. */
export type PostgresJob =
  | { readonly job: 'open'; readonly store: PostgresStore }
  | {
      readonly job: 'race'
      readonly store: PostgresStore
      readonly connections: number
      readonly licenses: readonly string[]
      readonly hosts: readonly string[]
    }
  | {
      readonly job: 'naive'
      readonly url: string
      readonly connections: number
      readonly table: string
      readonly hosts: readonly string[]
      readonly limit: number
    }
  | {
      readonly job: 'load'
      readonly store: PostgresStore
      readonly canonicalKey: string
      readonly host: string
      readonly acknowledged: string
    }
  | {
      readonly job: 'seats'
      readonly store: PostgresStore
      readonly connections: number
      readonly canonicalKey: string
      /** Those whose name begins with `dies` keep their seat for ever. */
      readonly clients: readonly string[]
      readonly at: number
    }
  | { readonly job: 'conform'; readonly url: string; readonly groups: readonly string[] }

/** Processes that do such jobs. */
export const createPostgresWorkshop = () =>
  createWorkshop<PostgresJob>(new URL('./postgres-worker.ts', import.meta.url))
