/** What came of giving up this host's activation. */
export interface DeactivateResult {
  /**
   * - `freed`: the server has freed the slot.
   * - `already-free`: the server knows no activation of this host, or no such license, or the slot is with whoever
   *   activated anew under this host's name.
   * - `queued-offline`: the server could not be reached, or would not free the slot now (a blocked license, a refused
   *   access token); a ticket is kept, which a later `activate()`, `refresh()` or `deactivate()` delivers.
   * - `not-activated`: there was nothing to give up.
   */
  readonly outcome: 'freed' | 'already-free' | 'queued-offline' | 'not-activated'
  /** False when a ticket was due but could not be written: then only the server's own expiry frees the slot. */
  readonly persisted: boolean
}

export const NOTHING_TO_FREE: DeactivateResult = { outcome: 'not-activated', persisted: true }
