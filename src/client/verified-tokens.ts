import { LRUCache } from 'lru-cache'
import type { LicenseTokenClaims } from '../protocol'
import type { TrustStore } from './trust-store'
import { type Expected, verifyStanding } from './verify'

/** Verifies license tokens, remembering those that passed. */
export interface VerifiedTokens {
  /** @throws {LicenseError} what `verifyStanding` throws */
  verify(token: string, hostId: string): Promise<LicenseTokenClaims>
}

/** A kit sees one token at a time, and a new one at each renewal. */
const MAX_TOKENS = 16

/**
 * A verification costs about 100 µs, a look-up well below one. Only what no clock can change is remembered: signature,
 * shape, product; the host is compared and the times are judged anew at every check.
 */
export function createVerifiedTokens(trustStore: TrustStore, expected: Omit<Expected, 'hostId'>): VerifiedTokens {
  const verified = new LRUCache<string, LicenseTokenClaims>({ max: MAX_TOKENS })
  return {
    async verify(token, hostId) {
      const known = verified.get(token)
      if (known?.machine === hostId) return known
      const claims = await verifyStanding(token, trustStore, { ...expected, hostId })
      verified.set(token, claims)
      return claims
    },
  }
}
