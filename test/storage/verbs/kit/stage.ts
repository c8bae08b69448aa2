import type { Store } from '../../../../src/storage/verbs/store'

/** What a store in memory without rows of its own does not offer. */
export type Offering =
  /** Reopening finds everything again. */
  | 'persistence'
  /** Several handles, as of several processes, can work on one store at once. */
  | 'shared-store'

/** Tests that belong together. */
export interface ConformanceGroup {
  readonly name: string
  /** The group runs only where all of these are offered. */
  readonly needs?: readonly Offering[]
  readonly tests: Readonly<Record<string, ConformanceTest>>
}

/** A test, or one that needs more than its group. */
type ConformanceTest = RunTest | { readonly needs: readonly Offering[]; readonly run: RunTest }

export type RunTest = (stage: Stage) => Promise<void>

/** What a test works on: a store of its own, empty but for the accounts `ACCOUNT` and `OTHER_ACCOUNT`. */
export interface Stage {
  /** The first handle, open. */
  readonly storage: Store
  /** Another open handle on the same store. */
  another(): Promise<Store>
  /** Closes every handle and opens the store anew. */
  reopen(): Promise<Store>
  /** An open handle on a second store, with nothing in it. */
  anotherStore(): Promise<Store>
  /** So many handles, opened all at once, on a second store that nobody has opened before. */
  openTogether(count: number): Promise<readonly Store[]>
}
