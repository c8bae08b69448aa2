import type { Activation } from '../../server/domain/activation'
import type { CalendarDuration } from '../../server/domain/calendar'
import type { Customer } from '../../server/domain/customer'
import { type License, type Metadata, refuseLicense } from '../../server/domain/license'
import type { CreateLicenseInput, LicenseDescription } from '../../server/index'
import { UsageError } from '../failure'
import { namedProduct } from '../named-product'
import { type StoreOptions, withStore } from '../open-store'
import { paint, print, printJson } from '../output'
import { type ListOptions, printPage } from '../paging'
import { cell, formatFields, formatTable } from '../table'

interface LicenseOptions extends StoreOptions {
  readonly json?: true
}

export interface CreateLicenseOptions extends LicenseOptions {
  readonly product?: string
  readonly maxActivations?: number
  readonly expires?: Date
  readonly validFor?: CalendarDuration
  readonly customerName?: string
  readonly customerEmail?: string
  readonly metadata?: Metadata
  readonly allowedHosts?: readonly string[]
  readonly idempotencyKey?: string
}

export function createLicense(options: CreateLicenseOptions): Promise<void> {
  const customer = customerIn(options)
  return withStore(options, async (store) => {
    const { id } = await namedProduct(store, options.product)
    const { licenses } = store.licensing
    const { key } = await licenses.create({ productId: id, ...customer, ...termsIn(options) })
    // As it is now: with an idempotency key it may be in use already.
    show(await licenses.get(key), options)
  })
}

export function showLicense(licenseKey: string, options: LicenseOptions): Promise<void> {
  return withStore(options, async ({ licensing }) => {
    show(await licensing.licenses.get(licenseKey), options)
  })
}

export interface ListLicensesOptions extends StoreOptions, ListOptions {
  readonly product?: string
  readonly customer?: string
}

export function listLicenses(options: ListLicensesOptions): Promise<void> {
  const { product, customer } = options
  return withStore(options, async (store) => {
    const filter = {
      ...(product !== undefined && { productId: (await namedProduct(store, product)).id }),
      ...(customer !== undefined && { customerId: customer }),
    }
    const page = await store.licensing.licenses.list(filter, options)
    const headings = ['LICENSE KEY', 'STATUS', 'ACTIVE', 'EXPIRES', 'CUSTOMER', 'MADE']
    printPage(page, options, { headings, row: toRow }, (license) => toJson(license, null))
  })
}

export function changeLicense(
  change: 'block' | 'unblock' | 'reset',
  licenseKey: string,
  options: LicenseOptions,
): Promise<void> {
  return withStore(options, async ({ licensing }) => {
    await licensing.licenses[change](licenseKey)
    show(await licensing.licenses.get(licenseKey), options)
  })
}

function customerIn({ customerName, customerEmail }: CreateLicenseOptions): Pick<CreateLicenseInput, 'customer'> {
  if (customerName === undefined) {
    if (customerEmail !== undefined) throw new UsageError('--customer-email needs --customer-name')
    return {}
  }
  return { customer: { name: customerName, ...(customerEmail !== undefined && { email: customerEmail }) } }
}

function termsIn(options: CreateLicenseOptions): Omit<CreateLicenseInput, 'productId'> {
  const { maxActivations, expires, validFor, metadata, allowedHosts, idempotencyKey } = options
  return {
    ...(maxActivations !== undefined && { maxActivations }),
    ...(expires !== undefined && { expiresAt: expires }),
    ...(validFor !== undefined && { validFor }),
    ...(metadata !== undefined && { metadata }),
    ...(allowedHosts !== undefined && { allowedHosts }),
    ...(idempotencyKey !== undefined && { idempotencyKey }),
  }
}

function show(description: LicenseDescription, { json }: LicenseOptions): void {
  const { license, customer, activations } = description
  if (json) printJson({ ...toJson(license, customer), customer, activations })
  else print([formatFields(fieldsOf(license, customer)), ...activationTable(activations)].join('\n\n'))
}

function activationTable(activations: readonly Activation[]): readonly string[] {
  if (activations.length === 0) return []
  const headings = ['HOST', 'TAG', 'ADDRESS', 'APP', 'ACTIVATED', 'LAST SEEN', 'EXPIRES']
  return [formatTable(headings, activations.map(toActivationRow))]
}

function fieldsOf(license: License, customer: Customer | null): readonly (readonly [string, string])[] {
  return [
    ['License key', paint('bold', cell(license.key))],
    ['Status', statusOf(license, customer)],
    ['Activations', `${license.activationCount} of ${license.maxActivations ?? 'any number'}`],
    ['Expires', license.expiresAt === null ? 'never' : cell(license.expiresAt)],
    ['Products', license.productIds.join(', ')],
    [
      'Customer',
      customer === null ? '-' : cell(`${customer.name} ${customer.email === null ? '' : `<${customer.email}>`}`),
    ],
    ...(license.metadata === null ? [] : [['Metadata', cell(JSON.stringify(license.metadata))] as const]),
    ...(license.allowedHosts === null ? [] : [['Allowed hosts', cell(license.allowedHosts.join(', '))] as const]),
    ['Resets', String(license.resetCount)],
    ['Made', cell(license.createdAt)],
  ]
}

function toActivationRow(activation: Activation): readonly string[] {
  return [
    cell(activation.hostId),
    cell(activation.deviceTag),
    cell(activation.address),
    cell(activation.appVersion),
    cell(activation.activatedAt),
    cell(activation.lastSeenAt),
    cell(activation.expiresAt),
  ]
}

function toRow(license: License): readonly string[] {
  return [
    cell(license.key),
    statusOf(license, null),
    `${license.activationCount}/${license.maxActivations ?? '∞'}`,
    license.expiresAt === null ? 'never' : cell(license.expiresAt),
    cell(license.customerId),
    cell(license.createdAt),
  ]
}

function toJson({ accountId: _, canonicalKey: __, ...license }: License, customer: Customer | null) {
  return { ...license, status: statusOf(license, customer) }
}

/** Why a license does not serve now, or `active`. Lists do not look at the customer. */
function statusOf(license: Pick<License, 'blocked' | 'expiresAt'>, customer: Customer | null): string {
  return refuseLicense(license, customer, new Date()) ?? 'active'
}
