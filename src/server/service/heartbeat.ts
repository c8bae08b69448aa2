import type { License } from '../../domain/license'
import { randomText } from '../../domain/random'
import type { Session } from '../../domain/session'
import { type Call, planStep, type ServiceContext } from './context'
import { type SessionProof, sessionTarget, settleSession, withProof } from './session-proof'

/**
 * Renews a session's lease. Its nonce is used up; the next one is in the session that comes back.
 *
 * @throws {LicenseError} LICENSE_NOT_FOUND, SESSION_NOT_FOUND when it is unknown or has lapsed
 * @throws {LicenseError} INVALID_SESSION_SIGNATURE when the proof is wrong or was used before
 * @throws {LicenseError} LICENSE_BLOCKED
 */
export async function heartbeat(
  context: ServiceContext,
  call: Call,
  proof: SessionProof,
): Promise<{ readonly license: License; readonly session: Session }> {
  const nonces = { nonce: proof.nonce, nextNonce: randomText(context.random, 16) }
  const outcome = await withProof(context, call, proof, (now) =>
    // No event: a lease that goes on is no news, and there would be one every few minutes for every seat.
    context.store.renewSession(call.accountId, sessionTarget(proof), nonces, planStep<'renewed'>(call, now)),
  )
  return settleSession(outcome, 'renewed')
}
