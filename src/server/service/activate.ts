import type { Licensee } from '../domain/activation'
import type { EventType } from '../domain/event'
import { createId } from '../domain/random'
import { licenseTokenClaims, signLicenseToken } from '../signing/license-token'
import type { ActivationRows, ActivationTarget, Replayable } from '../storage/contract'
import { type Call, planEvent, planStep, type ServiceContext, settle } from './context'
import { claimRefused, licenseMissing } from './refusals'

export interface Activate extends ActivationTarget {
  /** Absent: the server makes a random one, and the caller keeps it. */
  readonly hostId?: string | undefined
  readonly deviceTag?: string | undefined
  readonly appVersion?: string | undefined
  readonly licensee?: Licensee | undefined
}

/** The rows of a host that holds a slot, newly or still. */
export type ActivatedRows = Replayable<ActivationRows & { readonly kind: 'created' | 'existing' }>

export type Activated = ActivatedRows & { readonly licenseToken: string }

/**
 * Activates a license on a host and signs a license token for it. A host that is active already keeps its slot.
 *
 * @throws {LicenseError} LICENSE_NOT_FOUND when the account has no such license for this product
 * @throws {LicenseError} LICENSE_BLOCKED, LICENSE_EXPIRED, CUSTOMER_INACTIVE, WRONG_LICENSE_TYPE, HOST_NOT_ALLOWED or
 *   ACTIVATION_LIMIT_REACHED when its state forbids it
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
  const event = planEvent(context, call, now, eventType, { productId: input.productId, hostId })
  const outcome = await settle(
    call,
    context.storage.claimActivation(
      call.accountId,
      { canonicalKey: input.canonicalKey, productId: input.productId },
      {
        id: createId('act', context.random),
        hostId,
        deviceTag: input.deviceTag ?? null,
        address: call.actor.address,
        appVersion: input.appVersion ?? null,
        licensee: input.licensee ?? null,
        jti: createId('lt', context.random),
      },
      planStep(call, now, { created: [event] }, context.signingKey.kid),
    ),
  )
  if (outcome.kind === 'created' || outcome.kind === 'existing') return outcome
  throw outcome.kind === 'gone' ? licenseMissing() : claimRefused(outcome.kind)
}
