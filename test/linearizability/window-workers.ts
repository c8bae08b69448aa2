import type { PostgresStore } from '../storage/verbs/postgres-places'
import { createWorkshop } from '../storage/verbs/workers'
import type { Circumstance } from './circumstances'

/** What a worker is told to do; see window-worker.ts. */
export interface WindowJob {
  readonly job: 'windows'
  readonly on: { readonly file: string } | PostgresStore
  readonly circumstance: Circumstance
  /** It works in all of these at once. */
  readonly windows: readonly number[]
  /** Which of the processes it is. */
  readonly index: number
  readonly seed: number
  /** What its clock counts from. */
  readonly epoch: string
  /** The file that it writes its histories to, window by window. */
  readonly histories: string
}

/** Processes that do such jobs. */
export const createWindowWorkshop = () => createWorkshop<WindowJob>(new URL('./window-worker.ts', import.meta.url))
