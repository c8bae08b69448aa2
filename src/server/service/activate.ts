import type { Licensee } from '../../domain/activation'
import type { EventType } from '../../domain/event'
import { isProven } from '../../domain/proof'
import { createId } from '../../domain/random'
import type { ActivationRows, ActivationTarget, ClaimOutcome, Replayable } from '../../storage/verbs/store'
import { licenseTokenClaims, signLicenseToken } from '../signing/license-token'
import { type Call, planEvent, planStep, type ServiceContext, settle } from './context'
import { type ClaimPlan, planClaim } from './plan-claim'
import { claimRefused, licenseMissing } from './refusals'

export interface Activate extends ActivationTarget {
  /** Absent: the server makes a random one, and the caller keeps it. */
  readonly hostId?: string | undefined
  /** The ids this host went by before, the likeliest first: the slot of the first that holds one becomes its own. */
  readonly previousHostIds?: readonly string[] | undefined
  /** The device, by the id of its activation, whose slot this host is to have where it holds none. */
  readonly replaceDevice?: string | undefined
  readonly deviceTag?: string | undefined
  readonly appVersion?: string | undefined
  readonly licensee?: Licensee | undefined
}

/** The rows of a host that holds a slot, newly or still. */
export type ActivatedRows = Replayable<Extract<ClaimOutcome, ActivationRows>>

export type Activated = ActivatedRows & { readonly licenseToken: string }

/**
 * Activates a license on a host and signs a license token for it. A host that is active already keeps its slot; one
 * that was active under another id takes that slot with it, and the tokens of the other id are revoked.
 *
 * @throws {LicenseError} LICENSE_NOT_FOUND when the account has no such license for this product
 * @throws {LicenseError} LICENSE_BLOCKED, LICENSE_EXPIRED, CUSTOMER_INACTIVE, WRONG_LICENSE_TYPE, HOST_NOT_ALLOWED or
 *   ACTIVATION_LIMIT_REACHED when its state forbids it
 * @throws {LicenseError} PROOF_REQUIRED when the host is bound to a key, or the product asks for one, and none was shown
 * @throws {LicenseError} RATE_LIMITED when an allowance of the license is used up
 * @throws {LicenseError} ACTIVATION_NOT_FOUND or INSUFFICIENT_PERMISSIONS for a device that cannot be replaced
 */
export async function activate(context: ServiceContext, call: Call, input: Activate): Promise<Activated> {
  const now = context.now()
  const rows = await activateHost(context, call, input, 'license.activated', now)
  // Replayed, the answer is that of the first time to the last byte: Ed25519 signatures are deterministic.
  const claims = licenseTokenClaims(rows, context.issuer, rows.replayed?.at ?? now)
  return { ...rows, licenseToken: await signLicenseToken(claims, context.signingKeyFor(rows.replayed?.note)) }
}

/**
 * Takes a slot for a host, or finds it has one.
 * @throws {LicenseError} as {@link activate}
 */
export async function activateHost(
  context: ServiceContext,
  call: Call,
  input: Activate,
  eventType: EventType,
  now: Date = context.now(),
): Promise<ActivatedRows> {
  const hostId = input.hostId ?? createId('host', context.random)
  const { canonicalKey, productId, replaceDevice } = input
  const request = { canonicalKey, productId, hostId, isAnonymous: input.hostId === undefined, replaceDevice }
  const plan = await planClaim(context, call, { ...request, previousHostIds: input.previousHostIds ?? [] }, now)
  const outcome = await settle(
    call,
    context.store.claimActivation(
      call.accountId,
      { canonicalKey, productId },
      {
        id: createId('act', context.random),
        hostId,
        deviceTag: input.deviceTag ?? null,
        address: call.actor.address,
        appVersion: input.appVersion ?? null,
        licensee: input.licensee ?? null,
        jti: createId('lt', context.random),
        ...plan.proof,
        ...(plan.previousHostIds.length > 0 && { previousHostIds: plan.previousHostIds }),
      },
      planStep(
        call,
        now,
        planEvents(context, call, { productId, hostId, plan, eventType, now }),
        context.signingKey.kid,
      ),
    ),
  )
  if (!('activation' in outcome)) throw outcome.kind === 'gone' ? licenseMissing() : claimRefused(outcome.kind)
  // Trusted to take over another device's slot: not that of a host that was bound to a key in the meantime.
  if (outcome.kind === 'existing' && !isProven(outcome.activation, call.proof)) throw claimRefused('proof-required')
  return outcome
}

interface PlannedClaim {
  readonly productId: string
  readonly hostId: string
  readonly plan: ClaimPlan
  /** What taking a slot is called. */
  readonly eventType: EventType
  readonly now: Date
}

/** The events a claim may have, by what it comes to. */
function planEvents(context: ServiceContext, call: Call, { productId, hostId, plan, eventType, now }: PlannedClaim) {
  const about = { productId, hostId }
  const event = (type: EventType, data: object = {}) => [planEvent(context, call, now, type, { ...about, ...data })]
  const { previousHostIds, proof } = plan
  const taken = event(eventType)
  return {
    created: taken,
    resumed: taken,
    ...((proof.proofKey ?? null) !== null && { rebound: event('license.rebound') }),
    ...(previousHostIds.length > 0 && { moved: event('license.moved', { previousHostIds }) }),
  }
}
