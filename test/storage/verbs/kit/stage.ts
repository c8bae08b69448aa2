import type { Store } from '../../../../src/storage/verbs/store'

/** What an adapter may do without. The rest of the contract is for all. */
export type Offering =
  /** Reopening the backing store finds everything again. */
  | 'persistence'
  /** Several handles, as of several processes, can work on one backing store at once. */
  | 'shared-store'
  /** Capability `events`. */
  | 'events'
  /** Capability `idempotency`. */
  | 'idempotency'
  /** Capability `sessions`. */
  | 'sessions'
  /** Capability `revocations`. */
  | 'revocations'
  /** Capability `outbox`. */
  | 'outbox'
  /** Capability `allowances`. */
  | 'allowances'
  /** Capability `transfer`. */
  | 'transfer'

/** Tests that belong together. */
export interface ConformanceGroup {
  readonly name: string
  /** The group makes sense only for adapters that offer all of these. */
  readonly needs?: readonly Offering[]
  readonly tests: Readonly<Record<string, ConformanceTest>>
}

/** A test, or one that makes sense only for adapters that offer more than its group needs. */
export type ConformanceTest = RunTest | { readonly needs: readonly Offering[]; readonly run: RunTest }

export type RunTest = (stage: Stage) => Promise<void>

/** What a test works on: a store of its own, empty but for the accounts `ACCOUNT` and `OTHER_ACCOUNT`. */
export interface Stage {
  /** The first handle, open. */
  readonly storage: Store
  /** What the adapter was declared to do without. */
  readonly without: readonly Offering[]
  /** Another open handle on the same store. */
  another(): Promise<Store>
  /** Closes every handle and opens the store anew. */
  reopen(): Promise<Store>
  /** An open handle on a second store, with nothing in it. */
  anotherStore(): Promise<Store>
  /** So many handles, opened all at once, on a second store that nobody has opened before. */
  openTogether(count: number): Promise<readonly Store[]>
}
