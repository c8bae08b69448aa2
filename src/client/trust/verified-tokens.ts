import type { LicenseTokenClaims } from '../../protocol'
import type { ProofKey } from './proof-key'
import type { TrustStore } from './trust-store'
import type { KeySource } from './trusted-keys'
import { type Expected, verifyStanding } from './verify'

/** Verifies license tokens, and remembers the one that passed last: a kit has one, and a new one after each renewal. */
export interface VerifiedTokens {
  /**
   * @param proofKey the key that is stored with the token; undefined when there is none
   * @throws {LicenseError} as `verifyStanding`
   */
  verify(token: string, hostId: string, proofKey: ProofKey | undefined): Promise<LicenseTokenClaims>
}

interface Verified {
  readonly token: string
  readonly claims: LicenseTokenClaims
  /** The public part of the host's key at that time. */
  readonly x: string | undefined
  /** Another set of keys may hold one that is revoked, and its tokens must not live on here. */
  readonly by: TrustStore
}

/**
 * A verification costs about 100 µs, a look-up well below 1 µs. Only a result that no clock can change is remembered:
 * signature, shape, product and key. Every check compares the host and judges the times again.
 */
export function createVerifiedTokens(
  keys: KeySource,
  { issuer, productId }: Pick<Expected, 'issuer' | 'productId'>,
): VerifiedTokens {
  let last: Verified | undefined
  return {
    async verify(token, hostId, proofKey) {
      const by = await keys.current()
      const x = proofKey?.x
      if (last?.token === token && last.by === by && last.claims.machine === hostId && last.x === x) return last.claims
      const claims = await verifyStanding(token, by, { issuer, productId, hostId, proofKey })
      last = { token, claims, x, by }
      return claims
    },
  }
}
