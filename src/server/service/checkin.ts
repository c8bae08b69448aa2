import { type Call, planEvent, planStep, type ServiceContext, settle } from './context'
import { type SessionProof, sessionTarget, settleSession, verifyProof } from './session-proof'

/**
 * Ends a session and frees its seat, in any state of the license.
 *
 * @throws {LicenseError} LICENSE_NOT_FOUND, SESSION_NOT_FOUND when it is unknown or has lapsed
 * @throws {LicenseError} INVALID_SESSION_SIGNATURE when the proof is wrong or was used before
 */
export async function checkin(context: ServiceContext, call: Call, proof: SessionProof): Promise<void> {
  await verifyProof(context, call, proof)
  const now = context.now()
  const event = planEvent(context, call, now, 'session.ended', { productId: proof.productId })
  const step = planStep(call, now, { released: [event] })
  const target = sessionTarget(proof)
  settleSession(await settle(call, context.store.releaseSession(call.accountId, target, proof.nonce, step)), 'released')
}
