import type { Validation as Asked } from '../../domain/decide-validate'
import type { LicenseRefusal } from '../../domain/license'
import type { LicenseStatus } from '../../protocol/license-status'
import type { ActivationTarget } from '../../storage/verbs/store'
import { licenseTokenClaims, signLicenseToken } from '../signing/license-token'
import { type Call, planEvent, planStep, type ServiceContext, settle } from './context'
import { claimRefused, licenseMissing, mustReactivate } from './refusals'

/** The status words a server can know; grace, trust and clocks are the client's to judge. */
type InvalidReason =
  | Extract<LicenseStatus, 'expired' | 'not-activated' | 'wrong-host' | 'wrong-product' | 'revoked'>
  | 'activation-revoked'

export type Validation =
  | { readonly valid: true; readonly licenseToken: string }
  | { readonly valid: false; readonly reason: InvalidReason }

const REASONS: Readonly<
  Record<LicenseRefusal | 'wrong-product' | 'wrong-host' | 'not-activated' | 'activation-revoked', InvalidReason>
> = {
  blocked: 'revoked',
  'customer-inactive': 'revoked',
  expired: 'expired',
  'wrong-product': 'wrong-product',
  'wrong-host': 'wrong-host',
  'not-activated': 'not-activated',
  'activation-revoked': 'activation-revoked',
}

/**
 * Whether a license serves on a host, with a fresh license token if it does. Never takes a slot; marks the host as
 * seen, at most every five minutes.
 *
 * @throws {LicenseError} LICENSE_NOT_FOUND when the account has no such license, or no such active product
 * @throws {LicenseError} HOST_CLONED when the product has hosts activate again that were seen to be two, and it has not
 * @throws {LicenseError} PROOF_REQUIRED when the host is bound to another key than was shown, or the product asks for one
 */
export async function validate(
  context: ServiceContext,
  call: Call,
  target: ActivationTarget & Pick<Asked, 'hostId' | 'renewal' | 'stamp'>,
): Promise<Validation> {
  const now = context.now()
  const { canonicalKey, productId, hostId } = target
  const { address } = call.actor
  const asked = {
    canonicalKey,
    productId,
    hostId,
    renewal: target.renewal,
    stamp: target.stamp,
    address,
    ...call.proof,
  }
  const plan = () => {
    const cloned = [planEvent(context, call, now, 'license.cloned', { productId, hostId })]
    const shared = [planEvent(context, call, now, 'license.host-shared', { productId, hostId })]
    return planStep(call, now, { cloned, 'ended-now': cloned, shared })
  }
  const outcome = await settle(call, context.store.validateActivation(call.accountId, asked, now, plan))
  if (outcome.kind === 'gone') throw licenseMissing()
  if (outcome.kind === 'proof-required' || outcome.kind === 'users-exceeded') throw claimRefused(outcome.kind)
  if (outcome.kind === 'ended' || outcome.kind === 'ended-now') throw mustReactivate()
  if (!('activation' in outcome)) return { valid: false, reason: REASONS[outcome.kind] }
  const { proof: by, nonce } = call
  const claims = licenseTokenClaims({ ...outcome, by, nonce }, context.issuer, now)
  return { valid: true, licenseToken: await signLicenseToken(claims, context.signingKey) }
}
