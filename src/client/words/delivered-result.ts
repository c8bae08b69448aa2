import type { DeactivateResult } from './deactivate-result'

/** What the server answered. */
type Delivered = Exclude<DeactivateResult['outcome'], 'queued-offline' | 'not-activated'>

/** What a person is told, less the full stop. */
const SENTENCES: Readonly<Record<Delivered, string>> = {
  freed: 'The license is free for another computer',
  'already-free': 'The license was not in use on this computer',
  'kept-by-others': 'Other users of this computer go on using the license',
  'release-pending': 'The license is free for another computer unless others use it on this one',
}

/** The result that an answer of the server brings, with its sentence. */
export function deliveredResult(outcome: Delivered, persisted: boolean, releaseAt: Date | null): DeactivateResult {
  const until = releaseAt === null ? '' : ` until ${releaseAt.toISOString().slice(0, 10)}`
  return { outcome, message: `${SENTENCES[outcome]}${until}.`, persisted, releaseAt }
}
