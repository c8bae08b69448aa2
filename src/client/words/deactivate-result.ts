/** What happened to this host's activation when it was given up. */
export interface DeactivateResult {
  /**
   * - `freed`: the server has freed the slot.
   * - `already-free`: the server knows no activation of this host, or no such license, or somebody else has activated
   *   under this host's name since and holds the slot now.
   * - `kept-by-others`: other users of this computer go on, and the slot is theirs.
   * - `release-pending`: the slot is free once older users of this computer have been away for long.
   * - `queued-offline`: the server could not be reached, or refused to free the slot now (a blocked license, a refused
   *   access token). The kit keeps a ticket, which a later `activate()`, `refresh()` or `deactivate()` delivers.
   * - `not-activated`: there was nothing to give up.
   */
  readonly outcome: 'freed' | 'already-free' | 'kept-by-others' | 'release-pending' | 'queued-offline' | 'not-activated'
  /** False when the kit had to keep a ticket but could not write it. Then only the server's own expiry frees the slot. */
  readonly persisted: boolean
}

export const NOTHING_TO_FREE: DeactivateResult = { outcome: 'not-activated', persisted: true }
