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
}

export type Activated = Replayable<ActivationRows & { readonly kind: 'created' | 'existing' }> & {
  readonly licenseToken: string
}

/**
 * Activates a license on a host and signs a license token for it. A host that is active already keeps its slot.
 *
 * @throws {LicenseError} LICENSE_NOT_FOUND when the account has no such license for this product
 * @throws {LicenseError} LICENSE_BLOCKED, LICENSE_EXPIRED, CUSTOMER_INACTIVE, WRONG_LICENSE_TYPE, HOST_NOT_ALLOWED or
 *   ACTIVATION_LIMIT_REACHED when its state forbids it
 */
export async function activate(context: ServiceContext, call: Call, input: Activate): Promise<Activated> {
  const now = context.now()
  const hostId = input.hostId ?? createId('host', context.random)
  const event = planEvent(context, call, now, 'license.activated', { productId: input.productId, hostId })
  const outcome = await settle(
    context.storage.claimActivation(
      call.accountId,
      { canonicalKey: input.canonicalKey, productId: input.productId },
      {
        id: createId('act', context.random),
        hostId,
        deviceTag: input.deviceTag ?? null,
        address: call.actor.address,
        appVersion: input.appVersion ?? null,
        jti: createId('lt', context.random),
      },
      planStep(call, now, { created: [event] }),
    ),
  )
  if (outcome.kind === 'gone') throw licenseMissing()
  if (outcome.kind !== 'created' && outcome.kind !== 'existing') throw claimRefused(outcome.kind)
  const claims = licenseTokenClaims(outcome, context.issuer, now)
  return { ...outcome, licenseToken: await signLicenseToken(claims, context.signingKey) }
}
