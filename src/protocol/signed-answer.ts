import { createHash } from 'node:crypto'
import { isRecord, isText } from './json'

/** The request header with the nonce that the answer is to carry: {@link isNonce}, random, another at each try. */
export const NONCE_HEADER = 'Keyslot-Nonce'

/** The same in the JSON body, for a request whose header a proxy takes out. It is no part of what the request asks for. */
export const NONCE_FIELD = 'keyslotNonce'

/** The answer header with the server's signature under a no, where the request had a nonce. */
export const ANSWER_HEADER = 'Keyslot-Answer'

/** JOSE header `typ` of a signed answer: never to be taken for another kind of token (RFC 8725 §3.11). */
export const SIGNED_ANSWER_TYP = 'keyslot-answer+jwt'

/** JOSE header `typ` of a signed time. */
export const SIGNED_TIME_TYP = 'keyslot-time+jwt'

/** What a request is about, as it said so itself. */
export interface AnswerSubject {
  /** The product id; null where none was named. */
  readonly product: string | null
  /** {@link askedLicense} of the license key; null where none was named. */
  readonly license: string | null
  /** The hostId; null where none was named. */
  readonly host: string | null
  /** The id of the session of a floating license, where one was named. */
  readonly session?: string
}

/** The claims of a signed answer. */
export interface SignedAnswerClaims extends AnswerSubject {
  readonly iss: string
  /** When it was signed, Unix seconds. */
  readonly iat: number
  readonly nonce: string
  /** The code of the refusal; the `reason` of an answer that says `valid: false`. */
  readonly code: string
  /** The JWK thumbprint of the key that was proven; absent where the server saw no proof. */
  readonly proof?: string
}

/** The claims of a signed time. */
export interface SignedTimeClaims {
  readonly iss: string
  /** The server's time, Unix seconds. */
  readonly iat: number
  readonly nonce: string
}

/** True for what a nonce may be: 16 to 64 characters of base64url. */
export function isNonce(value: unknown): value is string {
  return typeof value === 'string' && /^[\w-]{16,64}$/.test(value)
}

/** What the JSON body of a request is about. Both halves ask this function, each of the body as it was sent. */
export function subjectOf(body: unknown): AnswerSubject {
  const { productId, licenseKey, hostId, sessionId } = isRecord(body) ? body : {}
  return {
    product: textOr(productId),
    license: isText(licenseKey) ? askedLicense(licenseKey) : null,
    host: textOr(hostId),
    ...(isText(sessionId) && { session: sessionId }),
  }
}

/**
 * Stands for a license key in a signed answer: base64url of the first 96 bits of SHA-256 over `keyslot-asked`, U+0000 and the
 * key as it was sent. So a no to another key than was asked about, unknown ones too, is told apart.
 */
export function askedLicense(licenseKey: string): string {
  return createHash('sha256').update(`keyslot-asked\0${licenseKey}`).digest('base64url').slice(0, 16)
}

function textOr(value: unknown): string | null {
  return isText(value) ? value : null
}
