import { compactVerify } from 'jose/jws/compact/verify'
import { isLicenseError, LICENSE_TOKEN_ALGORITHM, LicenseError } from '../../protocol'
import { isRecord, parseJson } from '../../protocol/json'
import { checkSentence, type SignedTextCode } from '../words/check-sentences'
import type { TrustStore } from './trust-store'

/** What a signed payload must be, besides signed with a trusted key. */
export interface SignedShape {
  /** Header `typ`. It keeps apart license tokens, revocation lists and key statements. */
  readonly typ: string
  readonly issuer: string
  readonly audience?: string
  readonly maxLength: number
}

/**
 * Verifies a signed text (a compact JWS): its signature with the trusted keys, its type, issuer and audience. The times in
 * it are not looked at; `check()` judges them at every call. Pure.
 *
 * @returns the payload, a JSON object of that issuer and audience; the caller checks the rest of its shape
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

/** The error for a text that is not accepted. It has no cause: the errors of jose hold the payload, and so the license key. */
export function refusal(code: SignedTextCode): LicenseError {
  return new LicenseError(code, checkSentence(code))
}

/** Whether an error of {@link verifySignedPayload} says that no trusted key has signed the text. */
export function isUntrusted(error: unknown): boolean {
  return isLicenseError(error, 'TOKEN_ALGORITHM', 'TOKEN_KEY_UNKNOWN', 'TOKEN_SIGNATURE')
}

/** base64url can spell one value in several ways, and decoders accept them all. Only the spelling of our signer passes. */
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
