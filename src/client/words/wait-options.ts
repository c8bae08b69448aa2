/** What every call takes that waits for the server. */
export interface WaitOptions {
  /** Ends the wait: the call then rejects with the signal's reason. What the server has done by then stays done. */
  readonly signal?: AbortSignal | undefined
}
