import type { KitContext } from '../kit-context'
import { type CachedActivation, type Contact, isAbout, type Refusal } from '../store/cache-record'
import type { RevokedReason } from '../words/license-check'

/**
 * Makes the record that replaces an activation in the cache when it was definitely refused. The record names the refused
 * token, so that importing the same license file again does not undo the refusal.
 *
 * @param contact the contact that brought it; default: the one that the activation names
 */
export async function refusalOf(
  { verifiedTokens }: Pick<KitContext, 'verifiedTokens'>,
  { licenseToken, hostId, highestTimeSeen, proofKey, licenseKey, contact: before }: CachedActivation,
  reason: RevokedReason,
  contact: Contact | undefined = before,
): Promise<Refusal> {
  const claims = await verifiedTokens.verify(licenseToken, hostId, proofKey).catch(() => undefined)
  const kept = { ...(proofKey && { recovery: { licenseKey, proofKey } }), ...(contact && { contact }) }
  if (claims === undefined) return { kind: 'refused', reason, ...kept }
  const refusedAt = Math.max(claims.iat, highestTimeSeen)
  return { kind: 'refused', reason, tokenId: claims.jti, refusedAt, ...kept }
}

/** Writes the refusal of the revocation list to the cache, as after every definite refusal. */
export async function rememberRefusal(
  context: KitContext,
  activation: CachedActivation,
  reason: RevokedReason,
): Promise<void> {
  const refusal = await refusalOf(context, activation, reason)
  await context.cache.update((found) => (isAbout(found, activation.licenseToken) ? refusal : undefined))
}
