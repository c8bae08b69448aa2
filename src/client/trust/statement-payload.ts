import { LicenseError, MAX_STATEMENTS_LENGTH } from '../../protocol'
import { isCount, isRecord } from '../../protocol/json'
import { isUntrusted, verifySignedPayload } from './signed-payload'
import type { TrustStore } from './trust-store'

/** Who reads a statement, and by which keys. */
export interface Reader {
  readonly trustStore: TrustStore
  readonly issuer: string
  readonly productId: string
}

/** Only the calls that take statements need these sentences, so they are loaded with this file. */
const SENTENCES = {
  STATEMENT_MALFORMED: 'This is no statement of the vendor for this app.',
  STATEMENT_UNTRUSTED: 'The statement is not genuine, or signed with a key this app does not know.',
  STATEMENT_OUTDATED: 'The statement is older than one this app has already.',
} as const

/**
 * Verifies the signature of a statement, its type and issuer. Pure.
 * @throws {LicenseError} STATEMENT_UNTRUSTED, STATEMENT_MALFORMED
 */
export async function readPayload(text: string, typ: string, { trustStore, issuer }: Reader) {
  const shape = { typ, issuer, maxLength: MAX_STATEMENTS_LENGTH }
  const claims = await verifySignedPayload(text, trustStore, shape).catch((cause: unknown) => {
    throw statementRefusal(isUntrusted(cause) ? 'STATEMENT_UNTRUSTED' : 'STATEMENT_MALFORMED', cause)
  })
  if (!isRecord(claims) || !isCount(claims.iat)) throw statementRefusal('STATEMENT_MALFORMED')
  return { ...claims, iat: claims.iat } as Readonly<Record<string, unknown>> & { readonly iat: number }
}

/** How far ahead of the time known here a statement may be dated. */
const MOST_AHEAD_SECONDS = 86_400

/**
 * Refuses a statement that a wrong clock has dated, before it is stored: the corrected one would count as older.
 * @param knownTime Unix seconds
 * @throws {LicenseError} STATEMENT_MALFORMED
 */
export function refuseAhead({ iat }: { readonly iat: number }, knownTime: number): void {
  if (!(iat > knownTime + MOST_AHEAD_SECONDS)) return
  throw new LicenseError(
    'STATEMENT_MALFORMED',
    'The statement is dated ahead: the clock here, or of its maker, is wrong.',
  )
}

/** Whether something is about the app's product: null stands for all products. */
export function isForApp(product: unknown, { productId }: Pick<Reader, 'productId'>): boolean {
  return product === null || product === productId
}

export function statementRefusal(code: keyof typeof SENTENCES, cause?: unknown): LicenseError {
  return new LicenseError(code, SENTENCES[code], { cause })
}
