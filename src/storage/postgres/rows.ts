import type { AccessToken } from '../../domain/access-token'
import type { Account } from '../../domain/account'
import type { Activation } from '../../domain/activation'
import { type Customer, canonicalEmail } from '../../domain/customer'
import type { AuditEvent } from '../../domain/event'
import { cleanableAt, type License } from '../../domain/license'
import type { Product } from '../../domain/product'
import type { ProductVersion } from '../../domain/product-version'
import type { Session } from '../../domain/session'
import type { WebhookDelivery, WebhookEndpoint } from '../../domain/webhook'
import { columnsOf, encoded, instant, optionalInstant, plain, type Row } from './columns'

export const accountColumns = columnsOf<Account>({ id: plain, name: plain, plan: plain, createdAt: instant })

export const accessTokenColumns = columnsOf<AccessToken>({
  id: plain,
  accountId: plain,
  name: plain,
  kind: plain,
  hash: plain,
  scopes: plain,
  productIds: plain,
  allowedAddresses: plain,
  expiresAt: optionalInstant,
  revokedAt: optionalInstant,
  createdAt: instant,
})

export const productColumns = columnsOf<Product>({
  id: plain,
  accountId: plain,
  packageId: plain,
  name: plain,
  active: plain,
  offlineLifetimeSeconds: plain,
  graceSeconds: plain,
  entitlements: plain,
  requireProof: plain,
  selfService: plain,
  trialSeconds: plain,
  createdAt: instant,
})

export const productVersionColumns = columnsOf<ProductVersion>({
  id: plain,
  productId: plain,
  version: plain,
  description: plain,
  active: plain,
  createdAt: instant,
})

const customerColumns = columnsOf<Customer>({
  id: plain,
  accountId: plain,
  name: plain,
  email: plain,
  active: plain,
  createdBy: plain,
  createdAt: instant,
  updatedAt: instant,
})

export const toCustomer = customerColumns.toEntity

export function customerRow(customer: Customer): Row {
  const { email } = customer
  return { ...customerColumns.toRow(customer), canonical_email: email === null ? null : canonicalEmail(email) }
}

const licenseColumns = columnsOf<License>({
  id: plain,
  accountId: plain,
  key: plain,
  canonicalKey: plain,
  productIds: plain,
  customerId: plain,
  type: plain,
  maxActivations: plain,
  activationCount: plain,
  expiresAt: optionalInstant,
  soldFor: plain,
  activationDuration: plain,
  blocked: plain,
  metadata: plain,
  allowedHosts: plain,
  versionId: plain,
  resetCount: plain,
  tokenGeneration: plain,
  cleanable: plain,
  maxConcurrentSessions: plain,
  heartbeatIntervalSeconds: plain,
  sessionLeaseSeconds: plain,
  createdAt: instant,
  updatedAt: instant,
})

export const toLicense = licenseColumns.toEntity

/** Everything of a license but its counter, which only the steps that change activations write. */
export function licenseRow(license: License): Row {
  const { activation_count: _counted, ...row } = licenseColumns.toRow(license)
  return { ...row, cleanable_at: cleanableAt(license)?.getTime() ?? null }
}

const activationColumns = columnsOf<Omit<Activation, 'licenseId'>>({
  id: plain,
  hostId: plain,
  deviceTag: plain,
  address: plain,
  appVersion: plain,
  licensee: plain,
  jti: plain,
  tokensEndAt: instant,
  activatedAt: instant,
  lastSeenAt: instant,
  expiresAt: optionalInstant,
  proofKey: plain,
  surrenderedAt: optionalInstant,
})

export const activationRow = activationColumns.toRow

/** Its row names the license by number. */
export function toActivation(row: Row, licenseId: string): Activation {
  return { ...activationColumns.toEntity(row), licenseId }
}

const sessionColumns = columnsOf<Omit<Session, 'licenseId'>>({
  id: plain,
  hostId: plain,
  userIdentifier: plain,
  deviceTag: plain,
  address: plain,
  secret: plain,
  nonce: plain,
  startedAt: instant,
  renewedAt: instant,
  expiresAt: instant,
})

export const sessionRow = sessionColumns.toRow

export function toSession(row: Row, licenseId: string): Session {
  return { ...sessionColumns.toEntity(row), licenseId }
}

const eventColumns = columnsOf<Omit<AuditEvent, 'actor'>>({
  id: plain,
  accountId: plain,
  type: plain,
  at: instant,
  licenseId: plain,
  data: encoded(),
})

export function toEvent(row: Row): AuditEvent {
  const actor = { id: String(row.actor_id), address: row.actor_address as string | null }
  return { ...eventColumns.toEntity(row), actor }
}

export function eventRow(event: AuditEvent): Row {
  return { ...eventColumns.toRow(event), actor_id: event.actor.id, actor_address: event.actor.address }
}

export const endpointColumns = columnsOf<WebhookEndpoint>({
  id: plain,
  accountId: plain,
  url: plain,
  eventTypes: plain,
  secrets: encoded(),
  active: plain,
  createdAt: instant,
})

export const deliveryColumns = columnsOf<Omit<WebhookDelivery, 'event' | 'accountId'>>({
  id: plain,
  endpointId: plain,
  status: plain,
  attempts: plain,
  nextAttemptAt: instant,
  lastAttemptAt: optionalInstant,
  lastError: plain,
})

/** A delivery's row with its endpoint's id, and in `event` its event's row. */
export function toDelivery(row: Row): WebhookDelivery {
  const event = toEvent(row.event as Row)
  return { ...deliveryColumns.toEntity(row), accountId: event.accountId, event }
}
