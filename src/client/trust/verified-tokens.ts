import { LRUCache } from 'lru-cache'
import type { LicenseTokenClaims } from '../../protocol'
import type { ProofKey } from './proof-key'
import type { TrustStore } from './trust-store'
import type { KeySource } from './trusted-keys'
import { type Expected, verifyStanding } from './verify'

/** Verifies license tokens, remembering those that passed. */
export interface VerifiedTokens {
  /**
   * @param proofKey the key kept with the token; undefined where there is none
   * @throws {LicenseError} what `verifyStanding` throws
   */
  verify(token: string, hostId: string, proofKey: ProofKey | undefined): Promise<LicenseTokenClaims>
}

interface Verified {
  readonly claims: LicenseTokenClaims
  /** The public part of the key it was verified with. */
  readonly x: string | undefined
}

/** A kit sees one token at a time, and a new one at each renewal. */
const MAX_TOKENS = 16

/**
 * A verification costs about 100 µs, a look-up well below one. Only what no clock can change is remembered: signature,
 * shape, product, key; the host is compared and the times are judged anew at every check.
 */
export function createVerifiedTokens(
  keys: KeySource,
  { issuer, productId }: Pick<Expected, 'issuer' | 'productId'>,
): VerifiedTokens {
  const verified = new LRUCache<string, Verified>({ max: MAX_TOKENS })
  let verifiedBy: TrustStore | undefined
  return {
    async verify(token, hostId, proofKey) {
      const trustStore = await keys.current()
      // A key may have been revoked: nothing it has signed is to outlive that here.
      if (trustStore !== verifiedBy) verified.clear()
      verifiedBy = trustStore
      const known = verified.get(token)
      if (known?.claims.machine === hostId && known.x === proofKey?.x) return known.claims
      const claims = await verifyStanding(token, trustStore, { issuer, productId, hostId, proofKey })
      if (trustStore === verifiedBy) verified.set(token, { claims, x: proofKey?.x })
      return claims
    },
  }
}
