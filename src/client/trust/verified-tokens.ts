import { LRUCache } from 'lru-cache'
import type { LicenseTokenClaims } from '../../protocol'
import type { ProofKey } from './proof-key'
import type { TrustStore } from './trust-store'
import type { KeySource } from './trusted-keys'
import { type Expected, verifyStanding } from './verify'

/** Verifies license tokens, and remembers the tokens that passed. */
export interface VerifiedTokens {
  /**
   * @param proofKey the key that is stored with the token; undefined when there is none
   * @throws {LicenseError} as `verifyStanding`
   */
  verify(token: string, hostId: string, proofKey: ProofKey | undefined): Promise<LicenseTokenClaims>
}

interface Verified {
  readonly claims: LicenseTokenClaims
  /** The public part of the host's key at that time. */
  readonly x: string | undefined
}

/** Plenty: a kit has one token at a time, and a new one after each renewal. */
const MAX_TOKENS = 16

/**
 * A verification costs about 100 µs, a look-up well below 1 µs. Only results that no clock can change are remembered:
 * signature, shape, product and key. Every check compares the host and judges the times again.
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
      // Another set of keys: one may have been revoked, and its tokens must not live on here.
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
