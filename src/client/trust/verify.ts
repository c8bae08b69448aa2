import { CLOCK_TOLERANCE_SECONDS, LICENSE_TOKEN_TYP, type LicenseTokenClaims } from '../../protocol'
import { isLicenseTokenClaims } from './license-token-claims'
import { isBoundTo, type ProofKey } from './proof-key'
import { refusal, verifySignedPayload } from './signed-payload'
import type { TrustStore } from './trust-store'

/** What a license token must say to be for this product and host. */
export interface Expected {
  readonly issuer: string
  readonly productId: string
  readonly hostId: string
  /** The key of this host, if it has one. Only the public part is looked at. */
  readonly proofKey?: Pick<ProofKey, 'x'> | undefined
}

/** Well above the largest honest token: 4 kB of metadata in base64url, and the license key twice. */
const MAX_TOKEN_LENGTH = 65_536

/**
 * Verifies a license token for this product and host, now. Pure: no I/O, no clock of its own.
 *
 * @returns the claims: signed with a trusted key, for this product and host, and current within
 * {@link CLOCK_TOLERANCE_SECONDS}
 * @throws {LicenseError} what {@link verifyStanding} throws, and TOKEN_NOT_YET_VALID when `iat` or `nbf` lies in the
 * future, TOKEN_EXPIRED when `exp` has passed
 * @see RFC 7519 §4.1, RFC 8725 §3
 */
export async function verifyLicenseToken(
  token: string,
  trustStore: TrustStore,
  expected: Expected,
  now: Date,
): Promise<LicenseTokenClaims> {
  const claims = await verifyStanding(token, trustStore, expected)
  const seconds = now.getTime() / 1000
  // Both conditions are written so that an invalid date (NaN) refuses the token.
  if (!(Math.max(claims.iat, claims.nbf) <= seconds + CLOCK_TOLERANCE_SECONDS)) throw refusal('TOKEN_NOT_YET_VALID')
  if (!(claims.exp > seconds - CLOCK_TOLERANCE_SECONDS)) throw refusal('TOKEN_EXPIRED')
  return claims
}

/**
 * Verifies everything about a license token except its times. `check()` judges the times at every call, because a token in
 * its grace period is still good. The outcome depends on the token alone, so it can be remembered.
 *
 * @throws {LicenseError} TOKEN_MALFORMED when it is no compact JWS in its one canonical spelling, or asks for a `crit`
 * extension; TOKEN_ALGORITHM when `alg` is not EdDSA; TOKEN_KEY_UNKNOWN when no trusted key has that `kid` (`jwk`, `jku`
 * and `x5u` are never looked at); TOKEN_SIGNATURE when the signature does not fit; TOKEN_CLAIMS when a claim is missing or
 * of the wrong shape, or the issuer or type differs; TOKEN_WRONG_PRODUCT; TOKEN_WRONG_HOST, also when the token is bound
 * to another key
 */
export async function verifyStanding(
  token: string,
  trustStore: TrustStore,
  expected: Expected,
): Promise<LicenseTokenClaims> {
  const claims = await verifySignedPayload(token, trustStore, {
    typ: LICENSE_TOKEN_TYP,
    issuer: expected.issuer,
    audience: expected.productId,
    maxLength: MAX_TOKEN_LENGTH,
  })
  if (!isLicenseTokenClaims(claims)) throw refusal('TOKEN_CLAIMS')
  if (claims.productId !== expected.productId) throw refusal('TOKEN_WRONG_PRODUCT')
  if (!isForHost(claims, expected)) throw refusal('TOKEN_WRONG_HOST')
  return claims
}

/** Whether a token is for this host. A token without `cnf` is good for its host with every key. */
export function isForHost(
  claims: LicenseTokenClaims,
  { hostId, proofKey }: Pick<Expected, 'hostId' | 'proofKey'>,
): boolean {
  return claims.machine === hostId && isBoundTo(claims, proofKey)
}
