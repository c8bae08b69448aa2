import {
  type AnswerSubject,
  SIGNED_ANSWER_TYP,
  SIGNED_TIME_TYP,
  type SignedAnswerClaims,
  type SignedTimeClaims,
} from '../../protocol/signed-answer'
import type { SigningKey } from './keyring'
import { signClaims } from './sign-claims'

/** Who signs, and by which clock. */
interface Signing {
  readonly issuer: string
  readonly signingKey: SigningKey
  readonly now: () => Date
}

/** What a no says of the request that it answers. */
interface AnsweredRequest {
  readonly subject: AnswerSubject
  readonly nonce: string
  readonly code: string
  /** The key that was proven; null where no proof was seen. */
  readonly proofKey: string | null
}

/** Signs a no into a compact JWS (RFC 7515 §3.1). */
export function signAnswer({ issuer, signingKey, now }: Signing, answered: AnsweredRequest): Promise<string> {
  const { subject, nonce, code, proofKey } = answered
  const claims: SignedAnswerClaims = {
    iss: issuer,
    iat: unixSeconds(now()),
    nonce,
    code,
    ...subject,
    ...(proofKey !== null && { proof: proofKey }),
  }
  return signClaims(claims, SIGNED_ANSWER_TYP, signingKey)
}

/** Signs the server's time into a compact JWS, for whoever has made this nonce. */
export function signTime({ issuer, signingKey, now }: Signing, nonce: string): Promise<string> {
  const claims: SignedTimeClaims = { iss: issuer, iat: unixSeconds(now()), nonce }
  return signClaims(claims, SIGNED_TIME_TYP, signingKey)
}

function unixSeconds(instant: Date): number {
  return Math.floor(instant.getTime() / 1000)
}
