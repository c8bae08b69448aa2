import type { KitContext } from '../kit-context'
import type { CachedActivation, Refusal } from '../store/cache-record'
import type { RevokedReason } from '../words/license-check'

/**
 * What the cache says once an activation has definitely been refused. It remembers which token that was, so that
 * importing the same license file again does not undo it.
 * @param provenAt what the refusal itself proves of the time, Unix seconds
 */
export async function refusalOf(
  { verifiedTokens }: Pick<KitContext, 'verifiedTokens'>,
  { licenseToken, hostId, highestTimeSeen, proofKey }: CachedActivation,
  reason: RevokedReason,
  provenAt = 0,
): Promise<Refusal> {
  const claims = await verifiedTokens.verify(licenseToken, hostId, proofKey).catch(() => undefined)
  if (claims === undefined) return { kind: 'refused', reason }
  const refusedAt = Math.max(claims.iat, highestTimeSeen, provenAt)
  return { kind: 'refused', reason, tokenId: claims.jti, refusedAt }
}
