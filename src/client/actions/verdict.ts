import type { LicenseErrorCode } from '../../protocol'
import type { Contact } from '../store/cache-record'
import type { Answer } from '../wire/answer'
import { knownCode } from '../words/error-sentences'
import { REVOKED_REASONS, type RevokedReason } from '../words/license-check'

type Success = Extract<Answer, { kind: 'success' }>

/** The reasons that `POST /key/validate` gives for a definite refusal. A reason that is not here says nothing. */
const VALIDATE_REASONS: Readonly<Record<string, RevokedReason>> = {
  revoked: 'REVOKED',
  expired: 'LICENSE_EXPIRED',
  'not-activated': 'ACTIVATION_NOT_FOUND',
  'activation-revoked': 'ACTIVATION_REVOKED',
  'wrong-host': 'HOST_NOT_ALLOWED',
  'wrong-product': 'LICENSE_NOT_FOUND',
}

/** A server that has lost its data says these, too. So they end nothing while the license token lasts. */
const UNKNOWN: readonly LicenseErrorCode[] = ['ACTIVATION_NOT_FOUND', 'LICENSE_NOT_FOUND', 'PROOF_REQUIRED']

/** The definite refusal of the license in an answer, if there is one. A refused access token says nothing about the license. */
export function refusalIn(answer: Answer): RevokedReason | undefined {
  if (answer.kind === 'refused') return isRevokedReason(answer.code) ? answer.code : undefined
  if (answer.kind !== 'success' || answer.body.valid !== false) return undefined
  const { reason } = answer.body
  return typeof reason === 'string' && Object.hasOwn(VALIDATE_REASONS, reason) ? VALIDATE_REASONS[reason] : undefined
}

export function isRevokedReason(code: Contact['code']): code is RevokedReason {
  return (REVOKED_REASONS as readonly string[]).includes(code)
}

/** Whether a refusal only says "I do not know you". */
export function isUnknown(reason: Contact['code']): boolean {
  return (UNKNOWN as readonly string[]).includes(reason)
}

export function isValid(answer: Answer): answer is Success {
  return answer.kind === 'success' && answer.body.valid === true
}

export function wantsProof(answer: Answer): boolean {
  return answer.kind === 'refused' && answer.code === 'PROOF_REQUIRED'
}

/** What an answer is remembered as. */
export function contactCode(answer: Answer): Contact['code'] {
  if (answer.kind === 'success' && answer.body.valid === true) return 'OK'
  const reason = refusalIn(answer)
  if (reason !== undefined) return reason
  return answer.kind === 'success' ? 'SERVER_REFUSED' : knownCode(answer.code)
}
