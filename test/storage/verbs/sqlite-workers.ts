import { createWorkshop } from './workers'

/** What a worker can be told to do; see sqlite-worker.ts. */
export type SqliteJob =
  | { readonly job: 'open' | 'lock'; readonly file: string }
  | {
      readonly job: 'race'
      readonly file: string
      readonly licenses: readonly string[]
      readonly hosts: readonly string[]
    }
  | {
      readonly job: 'naive'
      readonly file: string
      readonly licenses: readonly string[]
      readonly hosts: readonly string[]
      readonly limit: number
    }
  | {
      readonly job: 'load'
      readonly file: string
      readonly canonicalKey: string
      readonly host: string
      readonly acknowledged: string
    }
  | {
      readonly job: 'seats'
      readonly file: string
      readonly canonicalKey: string
      /** Those whose name begins with `dies` keep their seat for ever. */
      readonly clients: readonly string[]
      readonly at: number
    }
  | {
      readonly job: 'deliver'
      readonly file: string
      readonly at: number
      /** `take`: and nothing else, as one that dies. `drain`: until all is delivered. */
      readonly how: 'take' | 'drain'
    }

/** Processes that do such jobs. */
export const createSqliteWorkshop = () => createWorkshop<SqliteJob>(new URL('./sqlite-worker.ts', import.meta.url))
