/** What an object does when its operations come one after the other. States, calls and outcomes are plain JSON. */
export interface Model<S, C, O> {
  readonly initial: S
  /** The state after a call, and what its caller is told. Changes nothing it is given. */
  apply(state: S, call: C): readonly [state: S, outcome: O]
}

/** An operation as its caller saw it. */
export interface Operation<C, O> {
  /** Who called, for messages. */
  readonly by: string
  readonly call: C
  /** When it was called, and when its caller was told, on a clock that all callers share. */
  readonly start: number
  readonly end: number
  /** Null where the caller was told nothing: it may have happened at any time after its start, or never. */
  readonly outcome: O | null
  /** Why nothing was told. */
  readonly why?: string
}
