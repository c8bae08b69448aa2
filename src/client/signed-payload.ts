import { jwtVerify } from 'jose/jwt/verify'
import { LICENSE_TOKEN_ALGORITHM, LicenseError, type LicenseErrorCode } from '../protocol'
import { sentenceFor } from './messages'
import type { TrustStore } from './trust-store'

/** What a signed payload must be, beyond carrying a signature of a pinned key. */
export interface SignedShape {
  /** Header `typ`: keeps a license token from being taken for a revocation list, and the other way round. */
  readonly typ: string
  readonly issuer: string
  readonly audience?: string
  readonly requiredClaims: string[]
  readonly maxLength: number
}

/** `jwtVerify` has no "leave time alone", but takes any finite tolerance. */
const TIME_JUDGED_LATER = Number.MAX_SAFE_INTEGER

/**
 * Verifies a compact JWS against the pinned keys, everything but its times. Pure.
 *
 * @returns the payload, a JSON object; its shape beyond `requiredClaims` is the caller's to check
 * @throws {LicenseError} TOKEN_MALFORMED, TOKEN_ALGORITHM, TOKEN_KEY_UNKNOWN, TOKEN_SIGNATURE, TOKEN_CLAIMS,
 * TOKEN_WRONG_PRODUCT (the audience)
 * @see RFC 8725 §3
 */
export async function verifySignedPayload(text: string, trustStore: TrustStore, shape: SignedShape): Promise<unknown> {
  if (!isCanonical(text, shape.maxLength)) throw refusal('TOKEN_MALFORMED')
  const { maxLength: _, ...expected } = shape
  const findKey = (header: { kid?: unknown }) => {
    const key = trustStore.find(header.kid)
    if (key === undefined) throw refusal('TOKEN_KEY_UNKNOWN')
    return key
  }
  try {
    const { payload } = await jwtVerify(text, findKey, {
      ...expected,
      algorithms: [LICENSE_TOKEN_ALGORITHM],
      clockTolerance: TIME_JUDGED_LATER,
      currentDate: new Date(0),
    })
    return payload
  } catch (error) {
    throw error instanceof LicenseError ? error : refusal(codeOf(error))
  }
}

/** Without the cause: jose's errors carry the payload, and with it the license key. */
export function refusal(code: LicenseErrorCode): LicenseError {
  return new LicenseError(code, sentenceFor(code))
}

/** base64url has several spellings of one value, and decoders take them all; what we sign has exactly one. */
function isCanonical(text: unknown, maxLength: number): text is string {
  if (typeof text !== 'string' || text.length > maxLength) return false
  const parts = text.split('.')
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
