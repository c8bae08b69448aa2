import { isDeepStrictEqual } from 'node:util'
import type { Customer } from '../../../../../src/domain/customer'
import { isSoldFor, type License } from '../../../../../src/domain/license'
import { fitsFilter } from '../../../../../src/domain/license-filter'
import { looseKeyOf } from '../../../../../src/domain/license-key'
import { isAssignable } from '../../../../../src/domain/product-version'
import { raiseFloor } from '../../../../../src/domain/revoke'
import type { LicenseVerbs } from '../../../../../src/storage/verbs/license-contract'
import type {
  InsertLicenses,
  InsertLicensesOutcome,
  LicenseTarget,
  Missing,
} from '../../../../../src/storage/verbs/store'
import { revokeAll } from './apply'
import type { Handle } from './handle'
import { newestFirst, oldestFirst, pageOf } from './lists'
import { owned, ownedBy, refuseTakenId, type Tables } from './tables'

export function licenseVerbs(handle: Handle): LicenseVerbs {
  return {
    insertLicenses: (accountId, input, step) =>
      handle.mutate(accountId, step, (tables) => insertLicenses(tables, accountId, input)),

    findLicense: async (accountId, canonicalKey) => {
      const license = findTarget(handle.tables, accountId, { canonicalKey })
      if ('kind' in license) return license
      return structuredClone({ kind: 'found', license, customer: customerOf(handle.tables, license) })
    },

    findLicenseById: async (accountId, licenseId) =>
      structuredClone(owned(handle.tables.licenses, licenseId, accountId)),

    findLicenseByLooseForm: async (accountId, form) => {
      const [one, another] = ownedBy(accountId, handle.tables.licenses).filter(
        (license) => looseKeyOf(license) === form,
      )
      return one === undefined || another !== undefined ? null : structuredClone(one)
    },

    describeLicense: async (accountId, target, devices) => {
      const license = findTarget(handle.tables, accountId, target)
      if ('kind' in license) return license
      const customer = customerOf(handle.tables, license)
      const all = newestFirst(handle.tables.activationsOf(license.id).values())
      return structuredClone({ kind: 'found', license, customer, activations: all.slice(0, devices) })
    },

    updateLicense: (accountId, target, { newCustomer, ...changes }, step) =>
      handle.mutate(accountId, step, (tables, tell) => {
        const { productId } = target
        if (productId !== undefined && !mayTie(tables, accountId, changes.versionId, [productId]))
          return { kind: 'version-not-found' }
        const license = findTarget(tables, accountId, target)
        if ('kind' in license) return license
        if (!mayTie(tables, accountId, changes.versionId, license.productIds)) return { kind: 'version-not-found' }
        const { customerId = license.customerId } = changes
        const buyer = chooseBuyer(tables, accountId, customerId, newCustomer)
        if ('kind' in buyer) return buyer

        if (buyer.isNew) refuseTakenId(tables.customers, buyer.customer)
        const blocking = changes.blocked === true && !license.blocked
        const updated = {
          ...(blocking ? raiseFloor(license, tables.stampCeiling) : license),
          ...structuredClone(changes),
          customerId: buyer.customer?.id ?? null,
          updatedAt: new Date(step.now),
        }
        if (buyer.isNew) tables.putCustomer(buyer.customer)
        if (blocking) revokeAll(tables, [license], step.now)
        tables.licenses.set(updated.id, updated)
        tell(whatChanged(license, updated, Object.keys(changes)))
        return { kind: 'updated', license: updated }
      }),

    deleteLicense: (accountId, target, step) =>
      handle.mutate(accountId, step, (tables) => {
        const license = findTarget(tables, accountId, target)
        if ('kind' in license) return license
        revokeAll(tables, [license], step.now)
        tables.deleteLicense(license)
        return { kind: 'deleted', license }
      }),

    resetLicense: (accountId, target, step) =>
      handle.mutate(accountId, step, (tables) => {
        const license = findTarget(tables, accountId, target)
        if ('kind' in license) return license
        const floored = raiseFloor(license, tables.stampCeiling)
        const reset = { ...floored, activationCount: 0, resetCount: license.resetCount + 1 }
        revokeAll(tables, [license], step.now)
        tables.activations.delete(license.id)
        tables.sessions.delete(license.id)
        tables.spendings.delete(license.id)
        tables.licenses.set(license.id, reset)
        return { kind: 'reset', license: reset }
      }),

    listLicenses: async (accountId, { email, ...filter }, page) => {
      const holder = email === undefined ? undefined : (handle.tables.customerByEmail(accountId, email)?.id ?? '')
      const licenses = ownedBy(accountId, handle.tables.licenses)
        .filter((license) => holder === undefined || license.customerId === holder)
        .filter((license) => fitsFilter(license, filter))
      return pageOf(oldestFirst(licenses), page)
    },
  }
}

/** Whether a license for these products may be tied to the version; one that is tied to none may. */
function mayTie(
  tables: Tables,
  accountId: string,
  versionId: string | null | undefined,
  productIds: readonly string[],
): boolean {
  if (versionId === null || versionId === undefined) return true
  const version = tables.productVersions.get(versionId) ?? null
  const product = tables.products.get(version?.productId ?? '') ?? null
  return isAssignable({ version, product }, accountId, productIds)
}

function insertLicenses(tables: Tables, accountId: string, input: InsertLicenses): InsertLicensesOutcome {
  const productIds = input.licenses.flatMap((license) => license.productIds)
  if (!mayTie(tables, accountId, input.licenses[0]?.versionId, productIds)) return { kind: 'version-not-found' }
  if (!productIds.every((id) => owned(tables.products, id, accountId)?.active === true)) {
    return { kind: 'product-not-found' }
  }
  const buyer = chooseBuyer(tables, accountId, input.licenses[0]?.customerId ?? null, input.newCustomer)
  if ('kind' in buyer) return buyer
  const { customer } = buyer
  const licenses = structuredClone(input.licenses).map((row) => ({ ...row, customerId: customer?.id ?? null }))
  const keys = new Set(licenses.map((license) => license.canonicalKey))
  const taken = [...keys].some((key) => tables.licenseIds.has(key))
  if (taken || keys.size < licenses.length) return { kind: 'key-taken' }

  // All that can fail comes before the first write.
  refuseTakenId(tables.licenses, ...licenses)
  if (buyer.isNew) refuseTakenId(tables.customers, buyer.customer)
  if (buyer.isNew) tables.putCustomer(buyer.customer)
  for (const license of licenses) {
    tables.licenses.set(license.id, license)
    tables.licenseIds.set(license.canonicalKey, license.id)
  }
  return { kind: 'created', licenses, customer }
}

type Buyer =
  | { readonly isNew: true; readonly customer: Customer }
  | { readonly isNew: false; readonly customer: Customer | null }

/** Whom a license is for: a new customer, the one who has that email already, or the one named. Writes nothing. */
function chooseBuyer(
  tables: Tables,
  accountId: string,
  customerId: string | null,
  newCustomer: InsertLicenses['newCustomer'],
): Buyer | { readonly kind: 'email-taken' | 'customer-not-found' } {
  if (newCustomer !== undefined) {
    const holder = tables.customerByEmail(accountId, newCustomer.customer.email)
    if (holder !== undefined && newCustomer.onEmailTaken === 'refuse') return { kind: 'email-taken' }
    if (holder !== undefined) return { isNew: false, customer: holder }
    return { isNew: true, customer: structuredClone(newCustomer.customer) }
  }
  const customer = owned(tables.customers, customerId, accountId)
  return customer === null && customerId !== null ? { kind: 'customer-not-found' } : { isNew: false, customer }
}

/** The license a target names, or how it is missing. */
export function findTarget(tables: Tables, accountId: string, target: LicenseTarget): License | Missing {
  const { licenseIds, licenses, products } = tables
  const license = licenses.get(licenseIds.get(target.canonicalKey) ?? '')
  if (license === undefined) return { kind: 'gone' }
  const { productId } = target
  if (productId === undefined) return license.accountId === accountId ? license : { kind: 'foreign' }
  return isSoldFor(license, owned(products, productId, accountId), accountId) ? license : { kind: 'gone' }
}

export function customerOf(tables: Tables, license: License): Customer | null {
  return owned(tables.customers, license.customerId, license.accountId)
}

/** What an event tells of a change: each term that has another value, but for what is long or the vendor's own. */
function whatChanged(before: License, after: License, given: readonly string[]) {
  const changes: Record<string, unknown> = {}
  for (const field of [...given, 'customerId'].filter((name) => !/^(metadata|externalId|blocked)$/.test(name))) {
    const [from, to] = [before, after].map((license) => license[field as keyof License])
    const isLong = [from, to].some((value) => Array.isArray(value) && value.length > 20)
    if (!isLong && !isDeepStrictEqual(from, to)) changes[field] = { from, to }
  }
  return Object.keys(changes).length === 0 ? {} : { changes }
}
