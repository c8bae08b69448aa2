import { checkSentence } from './check-sentences'
import type { WaitOptions } from './wait-options'

/** What happened to this host's activation when it was given up. */
export interface DeactivateResult {
  /**
   * - `freed`: the server has freed the slot.
   * - `already-free`: the server knows no activation of this host, or no such license, or somebody else has activated
   *   under this host's name since and holds the slot now.
   * - `kept-by-others`: other users of this computer go on, and the slot is theirs. With `forAll` they lose it too.
   * - `release-pending`: other users of this computer were there before. The slot is free at `releaseAt`, unless one of them
   *   uses the app before.
   * - `queued-offline`: the server could not be reached, or refused to free the slot now (a blocked license, a refused
   *   access token). The kit keeps a ticket, which a later `activate()`, `refresh()` or `deactivate()` delivers.
   * - `not-activated`: there was nothing to give up.
   */
  readonly outcome: 'freed' | 'already-free' | 'kept-by-others' | 'release-pending' | 'queued-offline' | 'not-activated'
  /** A sentence that may be shown to a person. */
  readonly message: string
  /**
   * False when the kit had to keep a ticket but could not write it: then only the server's own expiry frees the slot. False
   * also when the stored license could not be removed: the next start finds it again.
   */
  readonly persisted: boolean
  /** When the slot is free at the latest, with `release-pending`; else null. */
  readonly releaseAt: Date | null
}

/** What an app may say when it gives up its activation. */
export interface DeactivateOptions extends WaitOptions {
  /** True to take the license from the other users of this computer too, where the caller was there before them. Default false. */
  readonly forAll?: boolean | undefined
}

export const NOTHING_TO_FREE: DeactivateResult = {
  outcome: 'not-activated',
  message: checkSentence('NO_LICENSE'),
  persisted: true,
  releaseAt: null,
}

const QUEUED = 'The license is given up at the next contact with the license server.'

/** The result where the server has not freed the slot. `delivered-result.ts` has those that it answers, and is loaded with it. */
export function queuedOffline(persisted: boolean): DeactivateResult {
  return { ...NOTHING_TO_FREE, outcome: 'queued-offline', message: QUEUED, persisted }
}
