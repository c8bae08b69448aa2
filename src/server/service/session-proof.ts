import { createHmac, timingSafeEqual } from 'node:crypto'
import type { License } from '../../domain/license'
import type { Session } from '../../domain/session'
import { LicenseError } from '../../protocol/license-error'
import type { Replayable, SessionRefusal, SessionTarget, StepResult } from '../../storage/verbs/store'
import { type Call, findReplay, type ServiceContext, settle } from './context'
import { badSessionSignature, claimRefused, licenseMissing, sessionMissing } from './refusals'

/** What a heartbeat or a checkin shows: the nonce it was given last, and an HMAC that only the session's holder can make. */
export interface SessionProof extends SessionTarget {
  readonly nonce: string
  /** Hex HMAC-SHA256 under the session's secret of `sessionId:nonce`. */
  readonly signature: string
}

/** The signature a session's holder makes for a nonce. */
function signNonce(session: Pick<Session, 'id' | 'secret'>, nonce: string): string {
  return createHmac('sha256', session.secret).update(`${session.id}:${nonce}`).digest('hex')
}

/**
 * Runs the storage step of a proof that holds, which uses its nonce up. A session that is not there is the step's to tell: it
 * knows whether this very call has been answered before. So is one that has another secret by now, where the call was
 * answered while it had the one shown.
 *
 * @throws {LicenseError} INVALID_SESSION_SIGNATURE
 */
export async function withProof<O extends { readonly kind: string }>(
  context: ServiceContext,
  call: Call,
  proof: SessionProof,
  step: (now: Date) => StepResult<O>,
): Promise<Replayable<O>> {
  const now = context.now()
  const found = await context.store.findSession(call.accountId, sessionTarget(proof), now)
  if (found.kind !== 'found' || isSigned(found.session, proof)) return settle(call, step(now))
  const replay = await findReplay<O>(context, call, now)
  if (replay === undefined) throw badSessionSignature()
  return replay
}

/** What a storage step made of a session, or the error for its refusal. */
export function settleSession<K extends string>(
  outcome: { readonly kind: K; readonly license: License; readonly session: Session } | SessionRefusal,
  done: K,
): { readonly license: License; readonly session: Session } {
  if (outcome.kind === done && 'session' in outcome) return outcome
  if (outcome.kind === 'gone') throw licenseMissing()
  if (outcome.kind === 'bad-nonce') throw badSessionSignature()
  if (outcome.kind === 'blocked') throw claimRefused('blocked')
  if (outcome.kind === 'not-found') throw sessionMissing()
  throw new LicenseError('SERVER_ERROR', `The store adapter answered ${outcome.kind}`)
}

export function sessionTarget({ canonicalKey, productId, sessionId }: SessionTarget): SessionTarget {
  return { canonicalKey, productId, sessionId }
}

function isSigned(session: Session, { nonce, signature }: SessionProof): boolean {
  const expected = Buffer.from(signNonce(session, nonce))
  const given = Buffer.from(signature.toLowerCase())
  return given.length === expected.length && timingSafeEqual(given, expected)
}
