import { compactVerify } from 'jose/jws/compact/verify'
import { isLicenseError, LICENSE_TOKEN_ALGORITHM, LicenseError } from '../../protocol'
import { parseJson } from '../store/cache-record'
import { isRecord } from '../words/claims'
import { type SignedTextCode, sentenceFor } from '../words/messages'
import type { TrustStore } from './trust-store'

/** What a signed payload must be, beyond carrying a signature of a trusted key. */
export interface SignedShape {
  /** Header `typ`: keeps a license token from being taken for a revocation list, and the other way round. */
  readonly typ: string
  readonly issuer: string
  readonly audience?: string
  readonly maxLength: number
}

/**
 * Verifies a compact JWS against the trusted keys, and what it says of itself; its times are judged at every check, not
 * here. Pure.
 *
 * @returns the payload, a JSON object of that issuer and audience; the rest of its shape is the caller's to check
 * @throws {LicenseError} TOKEN_MALFORMED, TOKEN_ALGORITHM, TOKEN_KEY_UNKNOWN, TOKEN_SIGNATURE, TOKEN_CLAIMS,
 * TOKEN_WRONG_PRODUCT (the audience)
 * @see RFC 7519 §7.2, RFC 8725 §3
 */
export async function verifySignedPayload(text: string, trustStore: TrustStore, shape: SignedShape): Promise<unknown> {
  if (!isCanonical(text, shape.maxLength)) throw refusal('TOKEN_MALFORMED')
  const findKey = (header: { kid?: unknown }) => {
    const key = trustStore.find(header.kid)
    if (key === undefined) throw refusal('TOKEN_KEY_UNKNOWN')
    return key
  }
  const { payload, protectedHeader } = await compactVerify(text, findKey, {
    algorithms: [LICENSE_TOKEN_ALGORITHM],
  }).catch((error: unknown) => {
    throw error instanceof LicenseError ? error : refusal(codeOf(error))
  })
  const claims = parseJson(new TextDecoder().decode(payload))
  if (!isRecord(claims)) throw refusal('TOKEN_MALFORMED')
  if (mediaType(protectedHeader.typ) !== mediaType(shape.typ)) throw refusal('TOKEN_CLAIMS')
  if (claims.iss !== shape.issuer) throw refusal('TOKEN_CLAIMS')
  if (shape.audience !== undefined && claims.aud !== shape.audience) {
    throw refusal(typeof claims.aud === 'string' ? 'TOKEN_WRONG_PRODUCT' : 'TOKEN_CLAIMS')
  }
  return claims
}

/** @see RFC 7515 §4.1.9: `application/` may be left out, and media types have no case */
function mediaType(typ: unknown): string | undefined {
  return typeof typ === 'string' ? typ.toLowerCase().replace(/^application\//, '') : undefined
}

/** Without the cause: jose's errors carry the payload, and with it the license key. */
export function refusal(code: SignedTextCode): LicenseError {
  return new LicenseError(code, sentenceFor(code))
}

/** Of an error of {@link verifySignedPayload}: whether what is missing is a trusted key's signature, rather than sense. */
export function isUntrusted(error: unknown): boolean {
  return isLicenseError(error, 'TOKEN_ALGORITHM', 'TOKEN_KEY_UNKNOWN', 'TOKEN_SIGNATURE')
}

/** base64url has several spellings of one value, and decoders take them all; what we sign has exactly one. */
function isCanonical(text: unknown, maxLength: number): text is string {
  if (typeof text !== 'string' || text.length > maxLength) return false
  const parts = text.split('.')
  return parts.length === 3 && parts.every((part) => Buffer.from(part, 'base64url').toString('base64url') === part)
}

function codeOf(error: unknown): SignedTextCode {
  switch ((error as { code?: unknown }).code) {
    case 'ERR_JOSE_ALG_NOT_ALLOWED':
      return 'TOKEN_ALGORITHM'
    case 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED':
      return 'TOKEN_SIGNATURE'
    default:
      return 'TOKEN_MALFORMED'
  }
}
