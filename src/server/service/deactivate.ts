import { LicenseError } from '../../protocol/license-error'
import type { ActivationTarget } from '../storage/contract'
import { type Call, planEvent, planStep, type ServiceContext, settle } from './context'
import { claimRefused, licenseMissing } from './refusals'

/**
 * Frees a host's activation slot, in any state of the license but blocked.
 *
 * @throws {LicenseError} LICENSE_NOT_FOUND when the account has no such license for this product
 * @throws {LicenseError} LICENSE_BLOCKED when it is blocked
 * @throws {LicenseError} ACTIVATION_NOT_FOUND when the host is not active on it
 */
export async function deactivateHost(
  context: ServiceContext,
  call: Call,
  target: ActivationTarget & { readonly hostId: string },
): Promise<void> {
  const now = context.now()
  const data = { productId: target.productId, hostId: target.hostId }
  const event = planEvent(context, call, now, 'license.deactivated', data)
  const step = planStep(call, now, { released: [event] })
  const outcome = await settle(call, context.storage.releaseActivation(call.accountId, target, step))
  if (outcome.kind === 'gone') throw licenseMissing()
  if (outcome.kind === 'blocked') throw claimRefused('blocked')
  if (outcome.kind === 'not-active') {
    throw new LicenseError('ACTIVATION_NOT_FOUND', 'The host is not active on this license')
  }
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
  const outcome = await settle(call, context.storage.releaseAllActivations(call.accountId, target, step))
  if (outcome.kind === 'released') return outcome.count
  throw outcome.kind === 'blocked' ? claimRefused('blocked') : licenseMissing()
}
