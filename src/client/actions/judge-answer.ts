import { isLicenseError, type LicenseErrorCode, SIGNS_ANSWERS, subjectOf } from '../../protocol'
import type { KitContext } from '../kit-context'
import { verifySignedNo } from '../trust/signed-answer'
import type { Answer } from '../wire/answer'
import { type Evidence, NOBODYS_ANSWER } from '../wire/evidence'
import { heldClaims } from './held-claims'
import { withServerKeys } from './with-server-keys'

/**
 * What is said of the request or the app, before the server looks at the license. It takes nothing from anybody, and so it is
 * told as it comes.
 */
const OF_THE_REQUEST: readonly LicenseErrorCode[] = [
  'INVALID_REQUEST',
  'MISSING_PARAMS',
  'BODY_TOO_LARGE',
  'UNSUPPORTED_MEDIA_TYPE',
  'IDEMPOTENCY_MISMATCH',
  'MISSING_AUTHORIZATION',
  'INVALID_ACCESS_TOKEN',
  'INSUFFICIENT_PERMISSIONS',
  'PROOF_INVALID',
  'PROOF_STALE',
]

/**
 * What an answer is worth to this kit. A kit that holds a license token of a server that signs its answers takes no unsigned no,
 * and none to another request: such an answer is nobody's. A yes is judged by its license token.
 */
export async function judgeAnswer(context: KitContext, answer: Answer, evidence: Evidence): Promise<Answer> {
  const code = noIn(answer)
  if (code === undefined || (await heldClaims(context))?.ans !== SIGNS_ANSWERS) return answer
  const { request, nonce, signed, remainingMs } = evidence
  const { issuer } = context.config
  const verify = async () =>
    await verifySignedNo(signed ?? '', await context.trustedKeys.current(), {
      ...subjectOf(request.body),
      issuer,
      code,
      nonce,
    })
  try {
    await withServerKeys(context, signed ?? '', verify, { totalTimeoutMs: remainingMs, maxTries: 1 })
    return answer
  } catch (error) {
    if (!isLicenseError(error)) throw error
    return answer.kind === 'refused' ? { ...NOBODYS_ANSWER, status: answer.status } : NOBODYS_ANSWER
  }
}

/** The code of a no about the license, if the answer is one. */
function noIn(answer: Answer): string | undefined {
  if (answer.kind === 'refused') return OF_THE_REQUEST.includes(answer.code) ? undefined : answer.code
  if (answer.kind !== 'success' || answer.body.valid !== false) return undefined
  return String(answer.body.reason)
}
