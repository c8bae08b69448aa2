import { type Call, planEvent, planStep, type ServiceContext } from './context'
import { type SessionProof, sessionTarget, settleSession, withProof } from './session-proof'

/**
 * Ends a session and frees its seat, in any state of the license.
 *
 * @throws {LicenseError} LICENSE_NOT_FOUND, SESSION_NOT_FOUND when it is unknown or has lapsed
 * @throws {LicenseError} INVALID_SESSION_SIGNATURE when the proof is wrong or was used before
 */
export async function checkin(context: ServiceContext, call: Call, proof: SessionProof): Promise<void> {
  const outcome = await withProof(context, call, proof, (now) => {
    const event = planEvent(context, call, now, 'session.ended', { productId: proof.productId })
    const step = planStep(call, now, { released: [event] })
    return context.store.releaseSession(call.accountId, sessionTarget(proof), proof.nonce, step)
  })
  settleSession(outcome, 'released')
}
