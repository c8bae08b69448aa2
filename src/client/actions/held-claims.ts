import type { LicenseTokenClaims } from '../../protocol'
import type { KitContext } from '../kit-context'

/** The claims of the license token that this host holds; undefined when there is none, or it cannot be verified. */
export async function heldClaims({ cache, verifiedTokens }: KitContext): Promise<LicenseTokenClaims | undefined> {
  const { state } = await cache.read()
  if (state.kind !== 'activation') return undefined
  const { licenseToken, hostId, proofKey } = state.activation
  return await verifiedTokens.verify(licenseToken, hostId, proofKey).catch(() => undefined)
}
