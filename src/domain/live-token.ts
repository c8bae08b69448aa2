import { revocationId } from '../protocol/revocation-list'
import type { Revocation } from './decision'
import type { License } from './license'
import type { Proof } from './proof'

/** A genuine license token of the host's, which has not ended and is bound to the key that is shown. */
export interface LiveToken {
  /** The license it is for. */
  readonly licenseId: string
  /** Unix milliseconds. */
  readonly stamp: number
}

/** A genuine license token of an id that the host went by before, bound to the key that is shown. */
export interface PreviousToken {
  /** The license it is for. */
  readonly licenseId: string
  readonly hostId: string
  /** Its number; see `Renewals`. */
  readonly renewal: number
}

/** Who has a slot, as entries of the revocation list name it. */
interface Holder extends Proof {
  readonly hostId: string
}

type Entry = Pick<Revocation, 'id' | 'stamp' | 'endsAt'>

/**
 * True where a host shows that it has a slot, and nothing has taken it away: the store is that of an older backup. It is
 * taken back, at the limit too. Whatever takes a slot away leaves an entry, raises the license's floor, or waits until the
 * tokens have ended; but for hosts that gave up what was no scarce slot then: while their tokens last, nobody can tell.
 *
 * @param entries of the host
 */
export function isTakenBack(
  license: Pick<License, 'id' | 'stampFloor' | 'unlistedTokensEndAt'>,
  entries: () => readonly Entry[],
  { hostId, proofKey, token }: Holder & { readonly token?: LiveToken | undefined },
  now: Date,
): boolean {
  if (token?.licenseId !== license.id || token.stamp <= license.stampFloor || !proofKey) return false
  if (license.unlistedTokensEndAt !== null && license.unlistedTokensEndAt > now) return false
  const named = [revocationId(license.id, hostId), revocationId(license.id, hostId, proofKey)]
  return entries().every(({ id, stamp }) => !named.includes(id) || stamp < token.stamp)
}

/**
 * True where a host that has no slot had one, and lost it on purpose: its tokens of then are still named.
 * @param held the stamp of the token that it has; undefined where it does not say
 */
export function wasRevoked(
  { id: licenseId }: Pick<License, 'id'>,
  entries: readonly Entry[],
  { hostId, stamp: held = 0 }: { readonly hostId: string; readonly stamp?: number | undefined },
  now: Date,
): boolean {
  const own = revocationId(licenseId, hostId)
  return entries.some(({ id, stamp, endsAt }) => id === own && endsAt > now && stamp >= held)
}
