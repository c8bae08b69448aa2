import { type AnswerSubject, SIGNED_ANSWER_TYP, type SignedAnswerClaims } from '../../protocol'
import { isRecord } from '../../protocol/json'
import { refusal, verifySignedPayload } from './signed-payload'
import type { TrustStore } from './trust-store'

/** What a signed no must say to be the answer to a request. */
export interface ExpectedNo extends AnswerSubject {
  readonly issuer: string
  readonly code: string
  readonly nonce: string
}

const MAX_LENGTH = 4096

/**
 * Verifies that a trusted key has signed this no, for this request and no other. Its time is not looked at: the nonce says that
 * it is new.
 *
 * @throws {LicenseError} as `verifySignedPayload`, and TOKEN_CLAIMS when it is about another request, or says another code
 */
export async function verifySignedNo(text: string, trustStore: TrustStore, expected: ExpectedNo): Promise<void> {
  const { issuer, nonce, code, product, license, host, session } = expected
  const shape = { typ: SIGNED_ANSWER_TYP, issuer, maxLength: MAX_LENGTH }
  const claims = await verifySignedPayload(text, trustStore, shape)
  const wanted: Partial<SignedAnswerClaims> = {
    nonce,
    code,
    product,
    license,
    host,
    ...(session !== undefined && { session }),
  }
  const isAnswer = isRecord(claims) && Object.entries(wanted).every(([name, value]) => claims[name] === value)
  if (!isAnswer) throw refusal('TOKEN_CLAIMS')
}
