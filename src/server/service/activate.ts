import type { EventType } from '../../domain/event'
import type { Stamped } from '../../domain/stamp'
import type { ActivationRows, ActivationTarget, ClaimOutcome, Replayable } from '../../storage/verbs/store'
import { licenseTokenClaims, signLicenseToken } from '../signing/license-token'
import { readShownTokens, type ShownTokens } from '../signing/read-shown-tokens'
import { type Call, planStep, type ServiceContext, settle } from './context'
import { planRefusals } from './plan-refusals'
import { planSlot, planSlotEvents, type SlotInput } from './plan-slot'
import { licenseMissing, slotRefused } from './refusals'

export interface Activate extends ActivationTarget, Omit<SlotInput, 'file' | keyof ShownTokens> {
  /**
   * A license token of the host's, to be shown where the server may have forgotten its slot; or one of its previous host's, whose
   * slot then moves only where no later one was given out. One that is not good is ignored.
   */
  readonly licenseToken?: string | undefined
}

/** The rows of a host that holds a slot, newly or still. */
export type ActivatedRows = Replayable<Stamped<ActivationRows>>

export type Activated = ActivatedRows & { readonly licenseToken: string }

/**
 * Activates a license on a host and signs a license token for it. A host that is active already keeps its slot; one
 * that was active under another id takes that slot with it, and the tokens of the other id are revoked. One that shows a live
 * license token, bound to its key, that nothing has revoked is taken back at the limit too.
 *
 * @throws {LicenseError} LICENSE_NOT_FOUND when the account has no such license for this product
 * @throws {LicenseError} LICENSE_BLOCKED, LICENSE_EXPIRED, CUSTOMER_INACTIVE, WRONG_LICENSE_TYPE, HOST_NOT_ALLOWED or
 *   ACTIVATION_LIMIT_REACHED when its state forbids it
 * @throws {LicenseError} PROOF_REQUIRED when the host is bound to a key, or the product asks for one, and none was shown
 * @throws {LicenseError} RATE_LIMITED when an allowance of the license is used up
 * @throws {LicenseError} ACTIVATION_NOT_FOUND or INSUFFICIENT_PERMISSIONS for a device that cannot be replaced
 */
export async function activate(
  context: ServiceContext,
  call: Call,
  { licenseToken, ...input }: Activate,
): Promise<Activated> {
  const now = context.now()
  const asked = { ...input, ...(await readShown(context, call, { ...input, licenseToken }, now)) }
  return withToken(context, call, await claimSlot(context, call, asked, { eventType: 'license.activated', now }), now)
}

async function readShown(
  context: ServiceContext,
  { proof: { proofKey } }: Call,
  { licenseToken, hostId, ...input }: Pick<Activate, 'licenseToken' | 'hostId' | 'productId' | 'previousHostIds'>,
  now: Date,
): Promise<ShownTokens> {
  if (licenseToken === undefined || hostId === undefined || !proofKey) return {}
  return await readShownTokens(licenseToken, { ...input, hostId, proofKey }, context, now)
}

/** What a host is given once it holds a slot. Replayed, the answer is that of the first time, but for the nonce of the call. */
export async function withToken(
  context: ServiceContext,
  call: Call,
  rows: ActivatedRows,
  now: Date,
): Promise<Activated> {
  // Ed25519 signatures are deterministic.
  const { proof: by, nonce } = call
  const claims = licenseTokenClaims({ ...rows, by, nonce }, context.issuer, rows.replayed?.at ?? now)
  return { ...rows, licenseToken: await signLicenseToken(claims, context.signingKeyFor(rows.replayed?.note)) }
}

/**
 * Takes a slot for a host, or finds it has one.
 * @throws {LicenseError} as {@link activate}, and INVALID_REQUEST for a file that would never end
 */
export async function claimSlot(
  context: ServiceContext,
  call: Call,
  { canonicalKey, productId, ...input }: ActivationTarget & SlotInput,
  as: { readonly eventType: EventType; readonly now: Date },
): Promise<ActivatedRows> {
  const target = { canonicalKey, productId }
  const claim = planSlot(context, call, input)
  const refused = planRefusals(context, call, target, claim.hostId, as.now)
  const events = { ...planSlotEvents(context, call, productId, claim, as), ...refused.events }
  const step = planStep(call, as.now, events, context.signingKey.kid)
  const outcome = await settle(call, context.store.claimActivation(call.accountId, target, claim, step))
  refused.note(outcome.kind)
  return settleSlot(outcome, as.now)
}

/** The rows of the host that has its slot, or the error for what the step refused. */
export function settleSlot(outcome: Replayable<ClaimOutcome>, now: Date): ActivatedRows {
  if ('activation' in outcome) return outcome
  throw outcome.kind === 'gone' ? licenseMissing() : slotRefused(outcome, now)
}
