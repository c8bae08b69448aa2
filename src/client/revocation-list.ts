import { isLicenseError, LicenseError, REVOCATION_LIST_TYP } from '../protocol'
import { isRecord } from './claims'
import { sentenceFor } from './messages'
import { verifySignedPayload } from './signed-payload'
import type { TrustStore } from './trust-store'

/** A revocation list whose signature has been verified. */
export interface RevocationList {
  /** The compact JWS it was read from. */
  readonly text: string
  /** Grows with every entry made on the server. */
  readonly version: number
  /** When it was signed, Unix seconds. */
  readonly iat: number
  /** The `jti`s of the license tokens revoked. */
  readonly tokenIds: ReadonlySet<string>
}

/** Room for some 100,000 entries. */
export const MAX_LIST_LENGTH = 4_194_304

/**
 * Verifies a revocation list. Pure. Says nothing of whether a newer one is known.
 *
 * @throws {LicenseError} REVOCATION_LIST_MALFORMED when it is no revocation list of this issuer;
 * REVOCATION_LIST_UNTRUSTED when no pinned key has signed it with EdDSA. `cause` is the TOKEN_… error that says why.
 */
export async function verifyRevocationList(
  text: string,
  trustStore: TrustStore,
  issuer: string,
): Promise<RevocationList> {
  const payload = await verifySignedPayload(text, trustStore, {
    typ: REVOCATION_LIST_TYP,
    issuer,
    requiredClaims: ['iat'],
    maxLength: MAX_LIST_LENGTH,
  }).catch((error: unknown) => {
    throw refusalFor(error)
  })
  if (!isRecord(payload) || !isCount(payload.version) || !isCount(payload.iat) || !isTexts(payload.revoked)) {
    throw new LicenseError('REVOCATION_LIST_MALFORMED', sentenceFor('REVOCATION_LIST_MALFORMED'))
  }
  const { version, iat, revoked } = payload
  return { text, version, iat, tokenIds: new Set(revoked) }
}

function refusalFor(cause: unknown): unknown {
  if (!isLicenseError(cause)) return cause
  const untrusted = isLicenseError(cause, 'TOKEN_ALGORITHM', 'TOKEN_KEY_UNKNOWN', 'TOKEN_SIGNATURE')
  const code = untrusted ? 'REVOCATION_LIST_UNTRUSTED' : 'REVOCATION_LIST_MALFORMED'
  return new LicenseError(code, sentenceFor(code), { cause })
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((entry) => typeof entry === 'string')
}
