import { ERROR_HEADER } from '../../protocol/error-codes'
import { isRecord } from '../../protocol/json'
import type { RouteDefinition } from '../../protocol/routes'
import { ANSWER_HEADER, isNonce, NONCE_FIELD, NONCE_HEADER, subjectOf } from '../../protocol/signed-answer'
import type { ServiceContext } from '../service/context'
import { signAnswer } from '../signing/signed-answer'
import type { Answer } from './answer'
import type { HttpRequest } from './http-request'

const HEADER = NONCE_HEADER.toLowerCase()

/** True for the routes that apps call: what these refuse, an app may have to prove to itself. */
export function signsRefusals({ scopes }: RouteDefinition): boolean {
  return scopes.includes('licenses:activate')
}

/**
 * The nonce that a no is to be signed with; undefined where there is none, or none of that form, or the route is not for apps.
 * That of the body counts where a proxy has taken the header out.
 */
export function readNonce({ headers }: HttpRequest, route: RouteDefinition, body: unknown): string | undefined {
  const nonce = headers[HEADER] ?? (isRecord(body) ? body[NONCE_FIELD] : undefined)
  return isNonce(nonce) && signsRefusals(route) ? nonce : undefined
}

/** The request that an answer is signed for. */
interface AskedRequest {
  /** Undefined where the answer is not to be signed. */
  readonly nonce: string | undefined
  /** The body as it was sent. */
  readonly body: unknown
  readonly proofKey: string | null | undefined
}

/** The answer, signed where it is a no that counts. Only what has passed the limits comes so far: a signature costs 50 µs. */
export async function signNo(context: ServiceContext, answer: Answer, asked: AskedRequest): Promise<Answer> {
  const { nonce, body, proofKey = null } = asked
  const code = nonce === undefined ? undefined : noIn(answer)
  if (nonce === undefined || code === undefined) return answer
  const signed = await signAnswer(context, { subject: subjectOf(body), nonce, code, proofKey })
  return { ...answer, headers: { ...answer.headers, [ANSWER_HEADER]: signed } }
}

/** The code of a no that is conclusive: not that somebody is to come again. */
function noIn({ status = 200, body, headers }: Answer): string | undefined {
  if (status === 200) return isRecord(body) && body.valid === false ? String(body.reason) : undefined
  const code = headers?.[ERROR_HEADER]
  return status >= 500 || status === 429 || code === 'IDEMPOTENCY_IN_FLIGHT' ? undefined : code
}
