import { randomText } from '../../domain/random'
import type { ActivationTarget, ClaimSessionOutcome, Replayable } from '../../storage/verbs/store'
import { type Call, planEvent, planStep, type ServiceContext, settle } from './context'
import { planRefusals } from './plan-refusals'
import { claimRefused, licenseMissing } from './refusals'

export interface Checkout extends ActivationTarget {
  readonly hostId: string
  /** Tells users of one host apart. */
  readonly userIdentifier?: string | undefined
  readonly deviceTag?: string | undefined
}

export type CheckedOut = Replayable<Extract<ClaimSessionOutcome, { readonly kind: 'created' | 'existing' }>>

/**
 * Takes a seat of a floating license, under a lease. The same seat (host and user) checked out again keeps its session,
 * with a new secret and nonce.
 *
 * @throws {LicenseError} LICENSE_NOT_FOUND when the account has no such license for this product
 * @throws {LicenseError} LICENSE_BLOCKED, LICENSE_EXPIRED, CUSTOMER_INACTIVE, WRONG_LICENSE_TYPE, HOST_NOT_ALLOWED or
 *   ACTIVATION_LIMIT_REACHED when its state forbids it
 * @throws {LicenseError} PROOF_REQUIRED when another key holds this seat, or the product asks for one and none was shown
 */
export async function checkout(context: ServiceContext, call: Call, input: Checkout): Promise<CheckedOut> {
  const now = context.now()
  const { hostId, userIdentifier = '', deviceTag = null } = input
  const session = {
    id: randomText(context.random, 16),
    hostId,
    userIdentifier,
    deviceTag,
    address: call.actor.address,
    proofKey: call.proof.proofKey ?? null,
    ...(call.proof.trusted && { trusted: call.proof.trusted }),
    secret: randomText(context.random, 32),
    nonce: randomText(context.random, 16),
  }
  const event = planEvent(context, call, now, 'session.started', { productId: input.productId, hostId })
  const target = { canonicalKey: input.canonicalKey, productId: input.productId }
  const refused = planRefusals(context, call, target, hostId, now)
  const step = planStep(call, now, { created: [event], ...refused.events })
  const outcome = await settle(call, context.store.claimSession(call.accountId, target, session, step))
  if (outcome.kind === 'created' || outcome.kind === 'existing') return outcome
  refused.note(outcome.kind)
  throw outcome.kind === 'gone' ? licenseMissing() : claimRefused(outcome.kind)
}
