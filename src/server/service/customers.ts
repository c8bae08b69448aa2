import { type Customer, type CustomerTerms, customerName } from '../../domain/customer'
import { createId } from '../../domain/random'
import type { CustomerChanges } from '../../storage/verbs/store'
import { type Call, planEvent, planStep, type ServiceContext, settle } from './context'
import { customerMissing, emailTaken, forbidden, nameMissing } from './refusals'

/** What a customer is made with: a name or an email, at least. Nothing of it is judged; see `Customer`. */
export interface CreateCustomer extends Partial<Omit<CustomerTerms, 'name'>> {
  /** Cut at 256 characters. Default the email. */
  readonly name?: string | null
}

/**
 * Makes a customer.
 * @throws {LicenseError} CUSTOMER_EMAIL_TAKEN when the account has one with this email, letter case aside; MISSING_PARAMS
 */
export async function createCustomer(context: ServiceContext, call: Call, input: CreateCustomer): Promise<Customer> {
  const now = context.now()
  const customer = planCustomer(context, call, input, now)
  const event = planEvent(context, call, now, 'customer.created', { customerId: customer.id })
  const step = planStep(call, now, { created: [event] })
  const outcome = await settle(call, context.store.insertCustomer(call.accountId, customer, step))
  if (outcome.kind === 'email-taken') throw emailTaken()
  return outcome.customer
}

/**
 * A customer about to be made.
 * @throws {LicenseError} MISSING_PARAMS where there is neither a name nor an email
 */
export function planCustomer(context: ServiceContext, call: Call, input: CreateCustomer, now: Date): Customer {
  const name = customerName(input.name, input.email)
  if (name === null) throw nameMissing()
  return {
    id: createId('cust', context.random),
    accountId: call.accountId,
    name,
    email: input.email ?? null,
    active: input.active ?? true,
    createdBy: call.actor.id,
    createdAt: now,
    updatedAt: now,
  }
}

/**
 * A customer.
 * @throws {LicenseError} CUSTOMER_NOT_FOUND; INSUFFICIENT_PERMISSIONS where all licenses of theirs are for products that the
 *   caller may not act on
 */
export async function findCustomer({ store }: ServiceContext, call: Call, customerId: string): Promise<Customer> {
  const seen = await store.findCustomer(call.accountId, customerId, call.products)
  if (seen !== null) return seen
  const isThere = call.products !== undefined && (await store.findCustomer(call.accountId, customerId)) !== null
  throw isThere ? forbidden() : customerMissing()
}

/**
 * Changes a customer; `toggle` flips whether it is active.
 * @throws {LicenseError} CUSTOMER_NOT_FOUND, CUSTOMER_EMAIL_TAKEN; INSUFFICIENT_PERMISSIONS where a license of theirs is for a
 *   product that the caller may not act on
 */
export async function updateCustomer(
  context: ServiceContext,
  call: Call,
  customerId: string,
  changes: CustomerChanges | 'toggle',
): Promise<Customer> {
  const now = context.now()
  const fields = changes === 'toggle' ? ['active'] : Object.keys(changes)
  const event = planEvent(context, call, now, 'customer.updated', { customerId, fields })
  const step = planStep(call, now, { updated: [event] })
  const outcome = await settle(call, context.store.updateCustomer(call.accountId, customerId, changes, step))
  if (outcome.kind === 'email-taken') throw emailTaken()
  if (outcome.kind === 'gone') throw customerMissing()
  if (outcome.kind === 'not-covered') throw forbidden()
  return outcome.customer
}

/**
 * Deletes a customer with its licenses and their activations. Returns how many licenses went with it. Very many licenses go in
 * several steps, the customer with the last.
 * @throws {LicenseError} CUSTOMER_NOT_FOUND; INSUFFICIENT_PERMISSIONS as {@link updateCustomer}
 */
export async function deleteCustomer(context: ServiceContext, call: Call, customerId: string): Promise<number> {
  const now = context.now()
  const event = planEvent(context, call, now, 'customer.deleted', { customerId })
  const step = planStep(call, now, { deleted: [event] })
  const outcome = await settle(call, context.store.deleteCustomer(call.accountId, customerId, step))
  if (outcome.kind === 'gone') throw customerMissing()
  if (outcome.kind === 'not-covered') throw forbidden()
  return outcome.licenses
}

/** Deletes a customer who has no license. One who has some, or is none any more, stays as it is. */
export async function deleteUnused(context: ServiceContext, call: Call, customerId: string): Promise<void> {
  const now = context.now()
  const event = planEvent(context, call, now, 'customer.deleted', { customerId })
  // A caller who may act on no product may delete no customer who has a license.
  const step = planStep({ ...call, products: [] }, now, { deleted: [event] })
  await settle(call, context.store.deleteCustomer(call.accountId, customerId, step))
}
