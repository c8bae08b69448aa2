import type { EventData } from '../../domain/event-data'
import type { ActivationTarget, LicenseTarget, ReleaseOutcome } from '../../storage/verbs/store'
import { type Call, planEvent, planStep, type ServiceContext, settle } from './context'
import { activationMissing, claimRefused, licenseMissing } from './refusals'

/** Names a host's activation of a license, of one product or of whatever it is for. */
type HostTarget = LicenseTarget & {
  readonly hostId: string
  /** Set where the host's other users are to lose it too. */
  readonly forAll?: true | undefined
}

/** What is left of a slot that others of the host go on to use. */
export interface SlotLeft {
  /** When it is free unless an older user calls before; null where others keep it. */
  readonly releaseAt: Date | null
}

/**
 * Frees a host's activation slot, in any state of the license but blocked.
 *
 * @returns undefined where the slot is free, or rests; else what is left of it
 * @throws {LicenseError} LICENSE_NOT_FOUND when the account has no such license for this product
 * @throws {LicenseError} LICENSE_BLOCKED when it is blocked
 * @throws {LicenseError} ACTIVATION_NOT_FOUND when the host is not active on it
 * @throws {LicenseError} PROOF_REQUIRED when the host is bound to a key that was not shown
 */
export async function deactivateHost(
  context: ServiceContext,
  call: Call,
  { canonicalKey, productId, hostId, forAll }: HostTarget,
): Promise<SlotLeft | undefined> {
  const now = context.now()
  const host = { ...(productId !== undefined && { productId }), hostId }
  const step = planStep(call, now, planReleaseEvents(context, call, host, now))
  const target = { canonicalKey, ...host, ...call.proof, rules: context.seats, forAll }
  const outcome = await settle(call, context.store.releaseActivation(call.accountId, target, step))
  requireReleased(outcome)
  if (outcome.kind === 'pending') return { releaseAt: outcome.activation.releaseAt }
  return outcome.kind === 'kept' ? { releaseAt: null } : undefined
}

type Deactivated = EventData['license.deactivated']

/** The events that giving up a slot may have. */
export function planReleaseEvents(context: ServiceContext, call: Call, data: Deactivated, now: Date) {
  const event = (more: Partial<Deactivated>) => [
    planEvent(context, call, now, 'license.deactivated', { ...data, ...more }),
  ]
  return {
    released: event({}),
    surrendered: event({ resting: true }),
    kept: event({ keptByOthers: true }),
    pending: event({ pending: true }),
  }
}

/** @throws {LicenseError} as {@link deactivateHost} */
export function requireReleased(outcome: ReleaseOutcome): void {
  if (outcome.kind === 'gone' || outcome.kind === 'not-covered') throw licenseMissing(outcome.kind)
  if (outcome.kind === 'not-active') throw activationMissing()
  if (outcome.kind === 'blocked' || outcome.kind === 'proof-required') throw claimRefused(outcome.kind)
}

/**
 * Frees every slot of a license; none taken is a success. Returns how many there were.
 *
 * @throws {LicenseError} LICENSE_NOT_FOUND when the account has no such license for this product
 * @throws {LicenseError} LICENSE_BLOCKED when it is blocked
 */
export async function deactivateAll(context: ServiceContext, call: Call, target: ActivationTarget): Promise<number> {
  const now = context.now()
  const event = planEvent(context, call, now, 'license.deactivated', { productId: target.productId, all: true })
  const step = planStep(call, now, { released: [event] })
  const outcome = await settle(call, context.store.releaseAllActivations(call.accountId, target, step))
  if (outcome.kind === 'released') return outcome.count
  throw outcome.kind === 'blocked' ? claimRefused('blocked') : licenseMissing(outcome.kind)
}
