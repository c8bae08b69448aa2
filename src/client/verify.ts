import { jwtVerify } from 'jose/jwt/verify'
import {
  CLOCK_TOLERANCE_SECONDS,
  LICENSE_TOKEN_ALGORITHM,
  LICENSE_TOKEN_TYP,
  LicenseError,
  type LicenseErrorCode,
  type LicenseTokenClaims,
} from '../protocol'
import { isLicenseTokenClaims } from './claims'
import { sentenceFor } from './messages'
import type { TrustStore } from './trust-store'

/** What a license token must say to be ours. */
export interface Expected {
  readonly issuer: string
  readonly productId: string
  readonly hostId: string
}

/** Well above the largest honest token (4 kB of metadata, base64url, twice the key). */
const MAX_TOKEN_LENGTH = 65_536

/** `jwtVerify` has no "leave time alone", but takes any finite tolerance. */
const TIME_JUDGED_LATER = Number.MAX_SAFE_INTEGER

/**
 * Verifies a license token for this product and host, now. Pure: no I/O, no clock of its own.
 *
 * @returns the claims, signed by a pinned key, for this product and host, and current within
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
  // Spelled so that an invalid date (NaN) refuses.
  if (!(Math.max(claims.iat, claims.nbf) <= seconds + CLOCK_TOLERANCE_SECONDS)) throw refusal('TOKEN_NOT_YET_VALID')
  if (!(claims.exp > seconds - CLOCK_TOLERANCE_SECONDS)) throw refusal('TOKEN_EXPIRED')
  return claims
}

/**
 * Verifies everything about a license token but its times, which `check()` judges at every call: a token in its grace
 * period is still a token of ours. The outcome depends on the token alone, so that it can be remembered.
 *
 * @throws {LicenseError} TOKEN_MALFORMED when it is no compact JWS in its one canonical spelling, or asks for a `crit`
 * extension; TOKEN_ALGORITHM when `alg` is not EdDSA; TOKEN_KEY_UNKNOWN when `kid` is not pinned (`jwk`, `jku`, `x5u`
 * are never looked at); TOKEN_SIGNATURE when the signature does not fit; TOKEN_CLAIMS when a claim is missing, of the
 * wrong shape, or issuer or type differ; TOKEN_WRONG_PRODUCT; TOKEN_WRONG_HOST
 */
export async function verifyStanding(
  token: string,
  trustStore: TrustStore,
  expected: Expected,
): Promise<LicenseTokenClaims> {
  if (!isCanonical(token)) throw refusal('TOKEN_MALFORMED')
  const claims = await verifySignature(token, trustStore, expected)
  if (!isLicenseTokenClaims(claims)) throw refusal('TOKEN_CLAIMS')
  if (claims.productId !== expected.productId) throw refusal('TOKEN_WRONG_PRODUCT')
  if (claims.machine !== expected.hostId) throw refusal('TOKEN_WRONG_HOST')
  return claims
}

async function verifySignature(token: string, trustStore: TrustStore, expected: Expected): Promise<unknown> {
  const findKey = (header: { kid?: unknown }) => {
    const key = trustStore.find(header.kid)
    if (key === undefined) throw refusal('TOKEN_KEY_UNKNOWN')
    return key
  }
  try {
    const { payload } = await jwtVerify(token, findKey, {
      algorithms: [LICENSE_TOKEN_ALGORITHM],
      typ: LICENSE_TOKEN_TYP,
      issuer: expected.issuer,
      audience: expected.productId,
      requiredClaims: ['exp', 'iat', 'nbf', 'sub', 'jti', 'machine'],
      clockTolerance: TIME_JUDGED_LATER,
      currentDate: new Date(0),
    })
    return payload
  } catch (error) {
    throw error instanceof LicenseError ? error : refusal(codeOf(error))
  }
}

/** base64url has several spellings of one value, and decoders take them all; a license token has exactly one. */
function isCanonical(token: unknown): token is string {
  if (typeof token !== 'string' || token.length > MAX_TOKEN_LENGTH) return false
  const parts = token.split('.')
  return parts.length === 3 && parts.every((part) => Buffer.from(part, 'base64url').toString('base64url') === part)
}

function codeOf(error: unknown): LicenseErrorCode {
  const { code, claim, reason } = error as { code?: unknown; claim?: unknown; reason?: unknown }
  switch (code) {
    case 'ERR_JOSE_ALG_NOT_ALLOWED':
      return 'TOKEN_ALGORITHM'
    case 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED':
      return 'TOKEN_SIGNATURE'
    case 'ERR_JWT_CLAIM_VALIDATION_FAILED':
    case 'ERR_JWT_EXPIRED':
      return claim === 'aud' && reason === 'check_failed' ? 'TOKEN_WRONG_PRODUCT' : 'TOKEN_CLAIMS'
    default:
      return 'TOKEN_MALFORMED'
  }
}

/** Without the cause: jose's errors carry the payload, and with it the license key. */
function refusal(code: LicenseErrorCode): LicenseError {
  return new LicenseError(code, sentenceFor(code))
}
