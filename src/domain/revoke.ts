import { type RevocationSubject, revocationId } from '../protocol/revocation-list'
import type { Activation } from './activation'
import { instantAt } from './calendar'
import { type EntityChange, insert, type Revocation, type Revoked, replace } from './decision'
import type { License } from './license'

/** A license with so many live entries gets no more of them at a host's own request: slots rest instead. */
export const MAX_LIVE_ENTRIES = 16

/** How far apart the clocks of servers may be: an entry outlives its stamp by this, whoever purges. */
const CLOCKS_APART_MS = 600_000

type RevokedLicense = Pick<License, 'id' | 'productIds' | 'unlistedTokensEndAt'>

/**
 * One entry for all tokens of a license, however many hosts it has; none where all have ended.
 * @param tokensEndAt when the last token of its activations ends; null where it has none
 * @param stamp the ceiling of stamps
 */
export function revokeLicense(
  license: RevokedLicense,
  tokensEndAt: Date | null,
  stamp: number,
  now: Date,
): readonly Revoked[] {
  const ends = [tokensEndAt, license.unlistedTokensEndAt].filter((end) => end !== null).map((end) => end.getTime())
  return revoke(license, [license.id], new Date(Math.max(...ends, 0)), stamp, now)
}

/** One entry for the tokens of a host's activation; none where all have ended. */
export function revokeActivation(
  license: RevokedLicense,
  { hostId, tokensEndAt }: Pick<Activation, 'hostId' | 'tokensEndAt'>,
  stamp: number,
  now: Date,
): readonly Revoked[] {
  return revoke(license, [license.id, hostId], tokensEndAt, stamp, now)
}

/** One entry for the tokens of a key of a host; none where all have ended. */
export function revokeKey(
  license: RevokedLicense,
  { hostId }: Pick<Activation, 'hostId'>,
  thumbprint: string,
  tokensEndAt: Date,
  stamp: number,
  now: Date,
): readonly Revoked[] {
  return revoke(license, [license.id, hostId, thumbprint], tokensEndAt, stamp, now)
}

function revoke(
  license: RevokedLicense,
  subject: RevocationSubject,
  tokensEndAt: Date,
  stamp: number,
  now: Date,
): readonly Revoked[] {
  return tokensEndAt <= now ? [] : [{ license, subject, stamp, tokensEndAt }]
}

/**
 * True where somebody gains a slot by tokens that live on after a release. Nobody does where slots are without limit, where
 * every host allowed has one, and with a trial, which each host may have anyway.
 */
export function isScarce({
  maxActivations,
  allowedHosts,
  metadata,
}: Pick<License, 'maxActivations' | 'allowedHosts' | 'metadata'>): boolean {
  if (maxActivations === null || metadata?.trial === true) return false
  return allowedHosts === null || new Set(allowedHosts).size > maxActivations
}

/** What names the rows of an entry: one for each product of its license. */
export function keysOf({ license, subject }: Revoked): readonly (readonly [productId: string, id: string])[] {
  const id = revocationId(...subject)
  return [...new Set(license.productIds)].map((productId) => [productId, id])
}

/**
 * Puts entries on the lists of their licenses' products. One replaces an earlier one of its id: what counts is the highest
 * stamp and, separately, the latest end. An entry stays until its stamp has passed on every server's clock: what is given
 * out afterwards outranks it, and until then it is found when its host comes back.
 *
 * @param before the rows of these entries that are there already
 */
export function listRevoked(revoked: readonly Revoked[], before: readonly Revocation[]): readonly EntityChange[] {
  return revoked.flatMap((one) =>
    keysOf(one).map(([productId, id], rank) => {
      const known = before.find((row) => row.productId === productId && row.id === id)
      const ends = [one.tokensEndAt.getTime(), one.stamp + CLOCKS_APART_MS, known?.endsAt.getTime() ?? 0]
      const entry = {
        productId,
        id,
        licenseId: one.subject[0],
        hostId: one.subject[1] ?? '',
        rank,
        stamp: Math.max(one.stamp, known?.stamp ?? 0),
        endsAt: instantAt(Math.max(...ends)),
      }
      return known === undefined ? insert('revocation', entry) : replace('revocation', known, entry)
    }),
  )
}

/** The license of a host that is freed without an entry: its tokens live on, until a later entry for the license. */
export function leaveUnlisted(license: License, { tokensEndAt }: Pick<Activation, 'tokensEndAt'>, now: Date): License {
  const known = license.unlistedTokensEndAt
  if (tokensEndAt <= now || (known !== null && known >= tokensEndAt)) return license
  return { ...license, unlistedTokensEndAt: tokensEndAt }
}

/** The license once tokens of its hosts were revoked. */
export function noteRevoked(license: License, revoked: readonly Revoked[]): License {
  return { ...license, revokedStamp: Math.max(license.revokedStamp, ...revoked.map(({ stamp }) => stamp)) }
}

/** The license once all its tokens were revoked. */
export function raiseFloor(license: License, stamp: number): License {
  return { ...license, stampFloor: Math.max(license.stampFloor, stamp), unlistedTokensEndAt: null }
}
