import type { Customer } from './customer'
import { type Buyer, type BuyerFacts, type BuyerRefusal, chooseBuyer, refuseBuyer } from './decide-customer'
import type { LicenseBelongings } from './decide-delete-license'
import type { TokenFacts } from './decide-release'
import { type Decided, type EntityChange, forNow, insert, only, rely, remove, replace } from './decision'
import type { License, LicenseChanges, LicenseTerms } from './license'
import type { Product } from './product'
import { type AskedVersion, isAssignable } from './product-version'
import { raiseFloor, revokeLicense } from './revoke'

export type InsertLicensesOutcome =
  | { readonly kind: 'created'; readonly licenses: readonly License[]; readonly customer: Customer | null }
  /** A canonical key exists already, in this account or another, or twice in the input. */
  | { readonly kind: 'key-taken' }
  | { readonly kind: 'version-not-found' }
  | { readonly kind: 'product-not-found' }
  | BuyerRefusal

/**
 * Stores licenses, and a new customer of theirs, all or none. Of several things that stand against it the answer is the
 * first of: the version, a product, the customer, a key. That of the version is not kept under an idempotency key.
 *
 * @param products those that the licenses are for, as far as they are there
 * @param asked the version that they are to be tied to, if any
 * @param isTaken true where a license has one of the keys already
 */
export function decideInsertLicenses(
  licenses: readonly License[],
  products: readonly Product[],
  asked: AskedVersion | undefined,
  buyer: BuyerFacts,
  isTaken: boolean,
): Decided<InsertLicensesOutcome> {
  const ids = licenses.flatMap(({ productIds }) => productIds)
  if (asked !== undefined && !isAssignable(asked, buyer.accountId, ids)) return forNow({ kind: 'version-not-found' })
  const sellable = products.filter(({ accountId, active }) => active && accountId === buyer.accountId)
  if (!ids.every((id) => sellable.some((product) => product.id === id))) return only({ kind: 'product-not-found' })
  const chosen = chooseBuyer(buyer)
  if ('kind' in chosen) return refuseBuyer(chosen)
  const keys = new Set(licenses.map(({ canonicalKey }) => canonicalKey))
  if (isTaken || keys.size < licenses.length) return only({ kind: 'key-taken' })
  const { customer } = chosen
  const stored = licenses.map((license) => ({ ...license, customerId: customer?.id ?? null }))
  return {
    outcome: { kind: 'created', licenses: stored, customer },
    changes: [
      ...chosen.changes,
      ...sellable.flatMap((product) => rely('product', product)),
      ...rely('productVersion', asked?.version ?? null),
      ...stored.flatMap((license) => [insert('license', license), ...licensed(license)]),
    ],
  }
}

/** The rows that name a license's products. */
export function licensed({ id, productIds, accountId, createdAt }: License): readonly EntityChange[] {
  const distinct = [...new Set(productIds)]
  return distinct.map((productId) => insert('licensedProduct', { licenseId: id, productId, accountId, createdAt }))
}

export type UpdateLicenseOutcome =
  | { readonly kind: 'updated'; readonly license: License }
  | { readonly kind: 'version-not-found' }
  | BuyerRefusal

/**
 * Changes a license. Lowering its limit evicts nobody. Blocking one that was not blocked ends its tokens by one entry, and
 * raises its floor, so that those given out once it is unblocked are good.
 *
 * @param version the version it is to be tied to, which `isAssignable`; null for none
 */
export function decideUpdateLicense(
  license: License,
  changes: LicenseChanges,
  buyer: Buyer | BuyerRefusal,
  { version, tokensEndAt, ceiling }: Pick<AskedVersion, 'version'> & TokenFacts,
  now: Date,
): Decided<UpdateLicenseOutcome> {
  if ('kind' in buyer) return refuseBuyer(buyer)
  const blocking = changes.blocked === true && !license.blocked
  const updated = {
    ...(blocking ? raiseFloor(license, ceiling) : license),
    ...changes,
    customerId: buyer.customer?.id ?? null,
    updatedAt: now,
  }
  return {
    outcome: { kind: 'updated', license: updated },
    changes: [...buyer.changes, replace('license', license, updated), ...rely('productVersion', version)],
    ...(blocking && { revoked: revokeLicense(license, tokensEndAt, ceiling, now) }),
    told: tellChanges(license, updated, changes),
  }
}

/** How many values of a list an event tells. */
const MOST_TOLD = 20

/** Metadata may be of any size, the id of an order stays with the vendor, and blocking has events of its own. */
const UNTOLD: readonly string[] = ['metadata', 'externalId', 'blocked']

/** What an event tells of a change of terms. */
function tellChanges(before: License, after: License, given: LicenseChanges) {
  const named = [...Object.keys(given), 'customerId'] as readonly (keyof LicenseTerms)[]
  const told = [...new Set(named)].filter((field) => isTold(field, before[field]) && isTold(field, after[field]))
  const changed = told.filter((field) => JSON.stringify(before[field]) !== JSON.stringify(after[field]))
  if (changed.length === 0) return {}
  return { changes: Object.fromEntries(changed.map((field) => [field, { from: before[field], to: after[field] }])) }
}

function isTold(field: keyof LicenseTerms, value: unknown): boolean {
  return !UNTOLD.includes(field) && !(Array.isArray(value) && value.length > MOST_TOLD)
}

/** Removes every activation and session, and forgets what was spent, in whatever state the license is. */
export function decideReset(
  license: License,
  { spendings }: Pick<LicenseBelongings, 'spendings'>,
  { tokensEndAt, ceiling }: TokenFacts,
  now: Date,
): Decided<{ readonly kind: 'reset'; readonly license: License }> {
  const reset = { ...raiseFloor(license, ceiling), activationCount: 0, resetCount: license.resetCount + 1 }
  return {
    outcome: { kind: 'reset', license: reset },
    changes: [replace('license', license, reset), ...spendings.map((one) => remove('spendings', one))],
    vacated: [{ license, of: ['activation', 'session'] }],
    revoked: revokeLicense(license, tokensEndAt, ceiling, now),
  }
}
