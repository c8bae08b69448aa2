import type { Activation } from '../domain/activation'
import type { Customer } from '../domain/customer'
import { type License, refuseLicense } from '../domain/license'
import type { ProductVersion } from '../domain/product-version'
import { DEFAULT_HEARTBEAT_INTERVAL_SECONDS, DEFAULT_SESSION_LEASE_SECONDS, type Session } from '../domain/session'
import type { LicenseDescription, Page } from '../server/index'
import type { StoreInUse } from './open-store'
import { paint, print, printJson } from './output'
import { showSeconds } from './show-duration'
import { cell, formatFields, formatTable } from './table'
import { shownTerms } from './term-options'

/** A license with everything that is shown with it. */
interface LicenseView extends LicenseDescription {
  readonly version: ProductVersion | null
  /** The taken seats; empty for a node-locked license. */
  readonly sessions: Page<Session>
}

const MAX_SESSIONS = 10_000

/** Shows a license as it is now. */
export async function presentLicense(
  store: StoreInUse,
  licenseKey: string,
  { json }: { readonly json?: true },
): Promise<void> {
  const description = await store.licensing.licenses.get(licenseKey)
  const { license, customer, activations } = description
  const view = { ...description, version: await versionOf(store, license), sessions: await sessionsOf(store, license) }
  if (json)
    printJson({ ...toJson(license, customer), customer, version: view.version, activations, ...seatsJson(view) })
  else print([formatFields(fieldsOf(view)), ...activationTable(activations), ...sessionTable(view)].join('\n\n'))
}

export const LICENSE_HEADINGS = ['LICENSE KEY', 'STATUS', 'ACTIVE', 'EXPIRES', 'CUSTOMER', 'MADE']

export function toRow(license: License): readonly string[] {
  return [
    cell(license.key),
    statusOf(license, null),
    license.type === 'floating'
      ? `${license.maxConcurrentSessions ?? '∞'} seats`
      : `${license.activationCount}/${license.maxActivations ?? '∞'}`,
    license.expiresAt === null ? 'never' : cell(license.expiresAt),
    cell(license.customerId),
    cell(license.createdAt),
  ]
}

export function toJson({ accountId: _, canonicalKey: __, ...license }: License, customer: Customer | null) {
  return { ...license, status: statusOf(license, customer) }
}

async function versionOf({ store, licensing }: StoreInUse, license: License): Promise<ProductVersion | null> {
  const { versionId, productIds } = license
  if (versionId === null) return null
  const found = await Promise.all(
    productIds.map((productId) => store.findProductVersion(licensing.accountId, productId, versionId)),
  )
  return found.find((version) => version !== null) ?? null
}

async function sessionsOf({ store, licensing }: StoreInUse, license: License): Promise<Page<Session>> {
  if (license.type !== 'floating') return { items: [], total: 0 }
  return store.listSessions(licensing.accountId, license.id, new Date(), { limit: MAX_SESSIONS })
}

/** The taken seats, without the secrets of their sessions. */
function seatsJson({ license, sessions }: LicenseView) {
  if (license.type !== 'floating') return {}
  return { liveSessions: sessions.total, sessions: sessions.items.map(({ secret: _, nonce: __, ...shown }) => shown) }
}

function fieldsOf(view: LicenseView): readonly (readonly [string, string])[] {
  const { license, customer } = view
  return [
    ['License key', paint('bold', cell(license.key))],
    ['Type', license.type],
    ['Status', statusOf(license, customer)],
    ...(license.type === 'floating' ? floatingFields(view) : slotFields(license)),
    ['Expires', license.expiresAt === null ? 'never' : cell(license.expiresAt)],
    ['Products', license.productIds.join(', ')],
    ['Version', versionField(view)],
    [
      'Customer',
      customer === null ? '-' : cell(`${customer.name} ${customer.email === null ? '' : `<${customer.email}>`}`),
    ],
    ...shownTerms(license),
    ['Resets', String(license.resetCount)],
    ['Made', cell(license.createdAt)],
  ]
}

function slotFields(license: License): readonly (readonly [string, string])[] {
  return [['Activations', `${license.activationCount} of ${license.maxActivations ?? 'any number'}`]]
}

function floatingFields({ license, sessions }: LicenseView): readonly (readonly [string, string])[] {
  return [
    ['Seats', `${sessions.total} of ${license.maxConcurrentSessions ?? 'any number'} taken`],
    ['Heartbeat', `every ${showSeconds(license.heartbeatIntervalSeconds ?? DEFAULT_HEARTBEAT_INTERVAL_SECONDS)}`],
    ['Lease', showSeconds(license.sessionLeaseSeconds ?? DEFAULT_SESSION_LEASE_SECONDS)],
  ]
}

function versionField({ license, version }: LicenseView): string {
  return version === null ? cell(license.versionId) : cell(`${version.version} (${version.id})`)
}

function activationTable(activations: readonly Activation[]): readonly string[] {
  if (activations.length === 0) return []
  const headings = ['HOST', 'TAG', 'STATE', 'KEY', 'ADDRESS', 'APP', 'ACTIVATED', 'LAST SEEN', 'EXPIRES']
  return [formatTable(headings, activations.map(toActivationRow))]
}

function toActivationRow(activation: Activation): readonly string[] {
  return [
    cell(activation.hostId),
    cell(activation.deviceTag),
    activation.surrenderedAt === null ? 'active' : 'resting',
    activation.keys.length === 0 ? '-' : 'bound',
    cell(activation.address),
    cell(activation.appVersion),
    cell(activation.activatedAt),
    cell(activation.lastSeenAt),
    cell(activation.expiresAt),
  ]
}

function sessionTable({ sessions }: LicenseView): readonly string[] {
  if (sessions.items.length === 0) return []
  const headings = ['SESSION', 'HOST', 'USER', 'TAG', 'ADDRESS', 'SINCE', 'LEASE ENDS']
  return [formatTable(headings, sessions.items.map(toSessionRow))]
}

function toSessionRow(session: Session): readonly string[] {
  return [
    cell(session.id),
    cell(session.hostId),
    cell(session.userIdentifier),
    cell(session.deviceTag),
    cell(session.address),
    cell(session.startedAt),
    cell(session.expiresAt),
  ]
}

/** The reason why a license does not serve now, or `active`. Lists pass no customer. */
function statusOf(license: Pick<License, 'blocked' | 'expiresAt'>, customer: Customer | null): string {
  return refuseLicense(license, customer, new Date()) ?? 'active'
}
