import { trialKey } from '../../domain/trial-key'
import { LicenseError } from '../../protocol/license-error'
import { type Activate, type Activated, settleSlot, withToken } from './activate'
import { type Call, planEvent, planStep, type ServiceContext, settle } from './context'
import { planLicense } from './create-licenses'
import { planSlot, planSlotEvents } from './plan-slot'
import { productMissing } from './refusals'

/** A host that wants to try a product. */
export interface StartTrial extends Omit<Activate, 'canonicalKey' | 'hostId' | 'replaceDevice'> {
  readonly hostId: string
}

/**
 * Makes this host's trial of a product, or finds the one it has had, and activates it.
 *
 * @throws {LicenseError} PRODUCT_NOT_FOUND
 * @throws {LicenseError} TRIAL_NOT_OFFERED when the product has none
 * @throws {LicenseError} LICENSE_EXPIRED when this host's trial is over, or what else activating it would
 */
export async function startTrial(context: ServiceContext, call: Call, input: StartTrial): Promise<Activated> {
  const now = context.now()
  const { productId, hostId, previousHostIds = [] } = input
  const terms = { productIds: [productId], maxActivations: 1, metadata: { trial: true } }
  const trial = planLicense(context, call, terms, trialKey(productId, hostId), now)
  const previousKeys = previousHostIds.map((previous) => trialKey(productId, previous))
  const claim = planSlot(context, call, input)
  const step = planStep(
    call,
    now,
    planEvents(context, call, { productId, claim, trialId: trial.id }, now),
    context.signingKey.kid,
  )
  const start = { trial, productId, previousKeys }
  const outcome = await settle(call, context.store.startTrial(call.accountId, start, claim, step))
  if (outcome.kind === 'product-not-found') throw productMissing()
  if (outcome.kind === 'not-offered') throw new LicenseError('TRIAL_NOT_OFFERED', 'The product offers no trial')
  const rows = outcome.kind === 'started' ? outcome : settleSlot(outcome, now)
  return withToken(context, call, rows, now)
}

function planEvents(
  context: ServiceContext,
  call: Call,
  { productId, claim, trialId }: { productId: string; claim: ReturnType<typeof planSlot>; trialId: string },
  now: Date,
) {
  const events = planSlotEvents(context, call, productId, claim, { eventType: 'license.activated', now })
  const made = planEvent(context, call, now, 'license.created', { productIds: [productId], trial: true }, trialId)
  return { ...events, started: [made, ...events.created] }
}
