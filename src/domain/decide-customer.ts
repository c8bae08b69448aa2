import { type Customer, type CustomerTerms, customerName } from './customer'
import { type Decided, type EntityChange, forNow, insert, only, replace } from './decision'

export type InsertCustomerOutcome =
  | { readonly kind: 'created'; readonly customer: Customer }
  | { readonly kind: 'email-taken' }

/** @param holder who has the customer's email in the account already */
export function decideInsertCustomer(customer: Customer, holder: Customer | null): Decided<InsertCustomerOutcome> {
  if (holder !== null) return only({ kind: 'email-taken' })
  return { outcome: { kind: 'created', customer }, changes: [insert('customer', customer)] }
}

/** What is given is changed; null clears. A name that is null or empty becomes the email, where there is one. */
export interface CustomerChanges extends Partial<Omit<CustomerTerms, 'name'>> {
  readonly name?: string | null
}

export type UpdateCustomerOutcome =
  | { readonly kind: 'updated'; readonly customer: Customer }
  | { readonly kind: 'email-taken' }
  | { readonly kind: 'not-covered' }
  | { readonly kind: 'gone' }

/**
 * @param changes `toggle` flips `active`
 * @param holder who has the email in the account that the customer is to have
 */
export function decideUpdateCustomer(
  customer: Customer,
  changes: CustomerChanges | 'toggle',
  holder: Customer | null,
  now: Date,
): Decided<UpdateCustomerOutcome> {
  if (holder !== null && holder.id !== customer.id) return only({ kind: 'email-taken' })
  const changed = { ...customer, ...(changes === 'toggle' ? { active: !customer.active } : changes) }
  const updated = { ...changed, name: customerName(changed.name, changed.email) ?? customer.name, updatedAt: now }
  return { outcome: { kind: 'updated', customer: updated }, changes: [replace('customer', customer, updated)] }
}

/** A customer to store with licenses of theirs. */
export interface NewCustomer {
  readonly customer: Customer
  /** What to do when the email is taken: `refuse`, or store the licenses for the customer who has it. */
  readonly onEmailTaken: 'refuse' | 'reuse'
}

export interface BuyerFacts {
  readonly accountId: string
  /** Whom the licenses are for by id, if anybody. */
  readonly customerId: string | null
  readonly named: Customer | null
  readonly newCustomer?: NewCustomer | undefined
  /** Who has the new customer's email already. */
  readonly holder: Customer | null
  /** True where whoever asks may not see the customer named. */
  readonly isHidden?: boolean
}

/** Why a license cannot be for whom it is asked for. */
export interface BuyerRefusal {
  readonly kind: 'email-taken' | 'customer-not-found' | 'not-covered'
}

/** Who may not see a customer now may later: that is not kept under an idempotency key. */
export function refuseBuyer(refusal: BuyerRefusal): Decided<BuyerRefusal> {
  return refusal.kind === 'not-covered' ? forNow(refusal) : only(refusal)
}

export type Buyer = { readonly customer: Customer | null; readonly changes: readonly EntityChange[] }

/** Whom a license is for: a new customer, the one who has that email already, or the one named. */
export function chooseBuyer(facts: BuyerFacts): Buyer | BuyerRefusal {
  const { accountId, customerId, named, newCustomer, holder, isHidden } = facts
  if (newCustomer !== undefined) {
    if (holder !== null && newCustomer.onEmailTaken === 'refuse') return { kind: 'email-taken' }
    if (holder !== null) return { customer: holder, changes: [hold(holder)] }
    return { customer: newCustomer.customer, changes: [insert('customer', newCustomer.customer)] }
  }
  const customer = named?.accountId === accountId ? named : null
  if (customer === null && customerId !== null) return { kind: 'customer-not-found' }
  if (customer !== null && isHidden === true) return { kind: 'not-covered' }
  return { customer, changes: customer === null ? [] : [hold(customer)] }
}

/** Changes the customer with each license bought: a deletion that has not seen that license must not happen. */
function hold(customer: Customer): EntityChange {
  return replace('customer', customer, { ...customer })
}
