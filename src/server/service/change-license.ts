import type { Customer } from '../domain/customer'
import type { EventType } from '../domain/event'
import type { License } from '../domain/license'
import type { LicenseChanges, LicenseTarget } from '../storage/contract'
import { type Call, planEvent, planStep, type ServiceContext, settle } from './context'
import { type CreateCustomer, createCustomer } from './customers'
import { findLicense } from './describe-license'
import { customerMissing, licenseMissing } from './refusals'

/**
 * Changes a license's terms. Lowering the limit evicts nobody and admits nobody.
 *
 * @throws {LicenseError} LICENSE_NOT_FOUND or, without a product, LICENSE_FOREIGN
 * @throws {LicenseError} CUSTOMER_NOT_FOUND when `customerId` names none of the account's
 */
export function updateLicense(context: ServiceContext, call: Call, target: LicenseTarget, changes: LicenseChanges) {
  return change(context, call, target, changes, 'license.updated', { fields: Object.keys(changes) })
}

/**
 * Makes a customer to give a license to, which is to be changed next. These are two steps: a license deleted between
 * them leaves a customer who has none.
 *
 * @throws {LicenseError} LICENSE_NOT_FOUND or, without a product, LICENSE_FOREIGN: no customer is made
 * @throws {LicenseError} CUSTOMER_EMAIL_TAKEN
 */
export async function createHolder(
  context: ServiceContext,
  call: Call,
  target: LicenseTarget,
  customer: CreateCustomer,
): Promise<Customer> {
  await findLicense(context, call, target)
  return createCustomer(context, call, customer)
}

/**
 * Blocks or unblocks a license; to what it is already is a success.
 * @throws {LicenseError} LICENSE_NOT_FOUND or, without a product, LICENSE_FOREIGN
 */
export function setBlocked(context: ServiceContext, call: Call, target: LicenseTarget, blocked: boolean) {
  return change(context, call, target, { blocked }, blocked ? 'license.blocked' : 'license.unblocked', {})
}

async function change(
  context: ServiceContext,
  call: Call,
  target: LicenseTarget,
  changes: LicenseChanges,
  type: EventType,
  data: Record<string, unknown>,
): Promise<License> {
  const now = context.now()
  const step = planStep(call, now, { updated: [planEvent(context, call, now, type, data)] })
  const outcome = await settle(context.storage.updateLicense(call.accountId, target, changes, step))
  if (outcome.kind === 'customer-not-found') throw customerMissing()
  if (outcome.kind !== 'updated') throw licenseMissing(outcome.kind)
  return outcome.license
}

/**
 * Removes every activation and counts the reset; limit and validity stay. Works in any state of the license.
 * @throws {LicenseError} LICENSE_NOT_FOUND or LICENSE_FOREIGN
 */
export async function resetLicense(context: ServiceContext, call: Call, target: LicenseTarget): Promise<License> {
  const now = context.now()
  const step = planStep(call, now, { reset: [planEvent(context, call, now, 'license.reset')] })
  const outcome = await settle(context.storage.resetLicense(call.accountId, target, step))
  if (outcome.kind !== 'reset') throw licenseMissing(outcome.kind)
  return outcome.license
}

/**
 * Deletes a license with its activations.
 * @throws {LicenseError} LICENSE_NOT_FOUND or LICENSE_FOREIGN
 */
export async function deleteLicense(context: ServiceContext, call: Call, target: LicenseTarget): Promise<void> {
  const now = context.now()
  const step = planStep(call, now, { deleted: [planEvent(context, call, now, 'license.deleted')] })
  const outcome = await settle(context.storage.deleteLicense(call.accountId, target, step))
  if (outcome.kind !== 'deleted') throw licenseMissing(outcome.kind)
}
