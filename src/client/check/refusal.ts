import type { KitContext } from '../kit-context'
import type { CachedActivation, Refusal } from '../store/cache-record'
import type { RevokedReason } from '../words/license-check'

/**
 * Makes the record that replaces an activation in the cache when it was definitely refused. The record names the refused
 * token, so that importing the same license file again does not undo the refusal.
 *
 * @param provenAt the time that the refusal itself proves, Unix seconds
 */
export async function refusalOf(
  { verifiedTokens }: Pick<KitContext, 'verifiedTokens'>,
  { licenseToken, hostId, highestTimeSeen, proofKey, licenseKey }: CachedActivation,
  reason: RevokedReason,
  provenAt = 0,
): Promise<Refusal> {
  const claims = await verifiedTokens.verify(licenseToken, hostId, proofKey).catch(() => undefined)
  const kept = proofKey && { recovery: { licenseKey, proofKey } }
  if (claims === undefined) return { kind: 'refused', reason, ...kept }
  const refusedAt = Math.max(claims.iat, highestTimeSeen, provenAt)
  return { kind: 'refused', reason, tokenId: claims.jti, refusedAt, ...kept }
}
