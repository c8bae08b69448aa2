import type { WaitOptions } from '../wire/until-aborted'

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

/** What a person is told, less the full stop. */
const SENTENCES: Readonly<Record<DeactivateResult['outcome'], string>> = {
  freed: 'The license is free for another computer',
  'already-free': 'The license was not in use on this computer',
  'kept-by-others': 'Other users of this computer go on using the license',
  'release-pending': 'The license is free for another computer unless others use it on this one',
  'queued-offline': 'The license is given up at the next contact with the license server',
  'not-activated': 'No license is activated on this computer',
}

/** The result with its sentence. */
export function resultOf(
  outcome: DeactivateResult['outcome'],
  persisted: boolean,
  releaseAt: Date | null = null,
): DeactivateResult {
  const until = releaseAt === null ? '' : ` until ${releaseAt.toISOString().slice(0, 10)}`
  return { outcome, message: `${SENTENCES[outcome]}${until}.`, persisted, releaseAt }
}

export const NOTHING_TO_FREE: DeactivateResult = resultOf('not-activated', true)
