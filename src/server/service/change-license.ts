import type { PlannedEvent } from '../../domain/event'
import type { License } from '../../domain/license'
import type { InsertLicenses, LicenseChanges, LicenseTarget } from '../../storage/verbs/store'
import { type Call, planEvent, planStep, type ServiceContext, settle } from './context'
import { type CreateCustomer, planCustomer } from './customers'
import { customerMissing, emailTaken, licenseMissing, versionMissing } from './refusals'

/**
 * Changes a license's terms, and makes a new customer to hold it in the same step. Lowering the limit evicts nobody and
 * admits nobody.
 *
 * @throws {LicenseError} LICENSE_NOT_FOUND or, without a product, LICENSE_FOREIGN
 * @throws {LicenseError} VERSION_NOT_FOUND for a version that none of its products has, or has no more
 * @throws {LicenseError} CUSTOMER_NOT_FOUND when `customerId` names none of the account's
 * @throws {LicenseError} CUSTOMER_EMAIL_TAKEN when the new customer's email is
 */
export function updateLicense(
  context: ServiceContext,
  call: Call,
  target: LicenseTarget,
  changes: LicenseChanges,
  newCustomer?: CreateCustomer,
) {
  const data = { fields: [...Object.keys(changes), ...(newCustomer ? ['newCustomer'] : [])] }
  const customer = newCustomer && planCustomer(context, call, newCustomer, context.now())
  const all = { ...changes, ...(customer && { newCustomer: { customer, onEmailTaken: 'refuse' as const } }) }
  return change(context, call, target, all, (now) => planEvent(context, call, now, 'license.updated', data))
}

/**
 * Blocks or unblocks a license; to what it is already is a success.
 * @throws {LicenseError} LICENSE_NOT_FOUND or, without a product, LICENSE_FOREIGN
 */
export function setBlocked(context: ServiceContext, call: Call, target: LicenseTarget, blocked: boolean) {
  const type = blocked ? 'license.blocked' : 'license.unblocked'
  return change(context, call, target, { blocked }, (now) => planEvent(context, call, now, type, {}))
}

async function change(
  context: ServiceContext,
  call: Call,
  target: LicenseTarget,
  changes: LicenseChanges & Pick<InsertLicenses, 'newCustomer'>,
  plan: (now: Date) => PlannedEvent,
): Promise<License> {
  const now = context.now()
  const step = planStep(call, now, { updated: [plan(now)] })
  const outcome = await settle(call, context.store.updateLicense(call.accountId, target, changes, step))
  if (outcome.kind === 'version-not-found') throw versionMissing()
  if (outcome.kind === 'customer-not-found') throw customerMissing()
  if (outcome.kind === 'email-taken') throw emailTaken()
  if (outcome.kind !== 'updated') throw licenseMissing(outcome.kind)
  return outcome.license
}

/**
 * Removes every activation and counts the reset; limit and validity stay. Works in any state of the license.
 * @throws {LicenseError} LICENSE_NOT_FOUND or LICENSE_FOREIGN
 */
export async function resetLicense(context: ServiceContext, call: Call, target: LicenseTarget): Promise<License> {
  const now = context.now()
  const step = planStep(call, now, { reset: [planEvent(context, call, now, 'license.reset', {})] })
  const outcome = await settle(call, context.store.resetLicense(call.accountId, target, step))
  if (outcome.kind !== 'reset') throw licenseMissing(outcome.kind)
  return outcome.license
}

/**
 * Deletes a license with its activations.
 * @throws {LicenseError} LICENSE_NOT_FOUND or LICENSE_FOREIGN
 */
export async function deleteLicense(context: ServiceContext, call: Call, target: LicenseTarget): Promise<void> {
  const now = context.now()
  const step = planStep(call, now, { deleted: [planEvent(context, call, now, 'license.deleted', {})] })
  const outcome = await settle(call, context.store.deleteLicense(call.accountId, target, step))
  if (outcome.kind !== 'deleted') throw licenseMissing(outcome.kind)
}
