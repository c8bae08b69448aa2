import type { CalendarDuration } from '../../domain/calendar'
import type { CreateLicenseInput } from '../../server/index'
import type { ListOptions, StoreOptions } from '../commands/store-options'
import { UsageError } from '../failure'
import { findCustomer } from '../find-customer'
import { findProduct } from '../find-product'
import { findAssignableVersion } from '../find-version'
import { LICENSE_HEADINGS, presentLicense, toJson, toRow } from '../license-view'
import { type OpenStore, readStore, withStore } from '../open-store'
import { print, printJson } from '../output'
import { pageOf, printPage } from '../paging'
import { cell } from '../table'
import { givesTermsOf, newTerms, soughtTerms } from '../term-options'

/** Beside the terms, which `newTerms` reads. */
export interface CreateLicenseOptions extends StoreOptions {
  readonly product?: string
  readonly floating?: true
  readonly validFor?: CalendarDuration
  readonly productVersion?: string
  readonly customer?: string
  readonly customerName?: string
  readonly customerEmail?: string
  readonly key?: string
  readonly idempotencyKey?: string
}

export function createLicense(options: CreateLicenseOptions): Promise<void> {
  const terms = { ...termsIn(options), ...newCustomerIn(options), ...floatingIn(options) }
  return withStore(options, async (store) => {
    const { id } = await findProduct(store, options.product)
    const input = { productId: id, ...terms, ...(await namedIn(store, id, options)) }
    const { key } = await store.licensing.licenses.create(input)
    // The license is read again: with an idempotency key it may be in use already.
    await presentLicense(store, key, options)
  })
}

export function showLicense(licenseKey: string, options: StoreOptions): Promise<void> {
  return readStore(options, (store) => presentLicense(store, licenseKey, options))
}

export interface ListLicensesOptions extends ListOptions {
  readonly product?: string
  readonly customer?: string
}

export function listLicenses(options: ListLicensesOptions): Promise<void> {
  const { product, customer } = options
  return readStore(options, async (store) => {
    const filter = {
      ...soughtTerms(options),
      ...(product !== undefined && { productId: (await findProduct(store, product)).id }),
      ...(customer !== undefined && { customerId: (await findCustomer(store, customer)).id }),
    }
    const page = await store.licensing.licenses.list(filter, pageOf(options))
    printPage(page, options, { headings: LICENSE_HEADINGS, row: toRow }, (license) => toJson(license, null))
  })
}

export function changeLicense(
  change: 'block' | 'unblock' | 'reset',
  licenseKey: string,
  options: StoreOptions,
): Promise<void> {
  return withStore(options, async (store) => {
    await store.licensing.licenses[change](licenseKey)
    await presentLicense(store, licenseKey, options)
  })
}

export function deleteLicense(licenseKey: string, options: StoreOptions & { readonly yes?: true }): Promise<void> {
  if (!options.yes)
    throw new UsageError('this deletes the license with its activations for good; add --yes if it is meant')
  return withStore(options, async ({ licensing }) => {
    const { key } = (await licensing.licenses.get(licenseKey)).license
    await licensing.licenses.delete(licenseKey)
    if (options.json) printJson({ key, deleted: true })
    else print(`${cell(key)} is deleted.`)
  })
}

function termsIn(options: CreateLicenseOptions): Omit<CreateLicenseInput, 'productId'> {
  const { validFor, key, idempotencyKey } = options
  return {
    ...newTerms(options),
    ...newTerms(options, 'node-locked'),
    ...(validFor !== undefined && { validFor }),
    ...(key !== undefined && { key }),
    ...(idempotencyKey !== undefined && { idempotencyKey }),
  }
}

function newCustomerIn({ customerName, customerEmail }: CreateLicenseOptions): Pick<CreateLicenseInput, 'customer'> {
  if (customerName === undefined) {
    if (customerEmail !== undefined) throw new UsageError('--customer-email needs --customer-name')
    return {}
  }
  return { customer: { name: customerName, ...(customerEmail !== undefined && { email: customerEmail }) } }
}

function floatingIn(options: CreateLicenseOptions): Pick<CreateLicenseInput, 'floating'> {
  if (options.floating) return { floating: newTerms(options, 'floating') }
  if (givesTermsOf('floating', options)) throw new UsageError('--seats, --heartbeat and --lease need --floating')
  return {}
}

/** The ids of the version and the customer, which the options name and the store knows. */
async function namedIn(
  store: OpenStore,
  productId: string,
  { productVersion, customer }: CreateLicenseOptions,
): Promise<Pick<CreateLicenseInput, 'versionId' | 'customer'>> {
  return {
    ...(productVersion !== undefined && {
      versionId: (await findAssignableVersion(store, [productId], productVersion)).id,
    }),
    ...(customer !== undefined && { customer: { id: (await findCustomer(store, customer)).id } }),
  }
}
