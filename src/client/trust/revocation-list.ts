import { REVOCATION_LIST_TYP } from '../../protocol'
import { isCount, isRecord, isTexts } from '../../protocol/json'
import { refusal, verifySignedPayload } from './signed-payload'
import type { TrustStore } from './trust-store'

/** A revocation list whose signature was verified. */
export interface RevocationList {
  /** The signed list, a compact JWS. */
  readonly text: string
  /** Grows with every entry made on the server. */
  readonly version: number
  /** When it was signed, Unix seconds. */
  readonly iat: number
  /** The `jti` of every license token that is revoked. */
  readonly tokenIds: ReadonlySet<string>
}

/** Room for some 100,000 entries. */
export const MAX_LIST_LENGTH = 4_194_304

/**
 * Verifies a revocation list. Pure. Whether a newer list is known is not looked at.
 * @throws {LicenseError} TOKEN_… as `verifySignedPayload`; TOKEN_CLAIMS when a claim is missing or of the wrong shape
 */
export async function verifyRevocationList(
  text: string,
  trustStore: TrustStore,
  issuer: string,
): Promise<RevocationList> {
  const shape = { typ: REVOCATION_LIST_TYP, issuer, maxLength: MAX_LIST_LENGTH }
  const payload = await verifySignedPayload(text, trustStore, shape)
  if (!isRecord(payload) || !isCount(payload.version) || !isCount(payload.iat) || !isTexts(payload.revoked)) {
    throw refusal('TOKEN_CLAIMS')
  }
  const { version, iat, revoked } = payload
  return { text, version, iat, tokenIds: new Set(revoked) }
}
