import type { AccessToken } from '../../../../../src/domain/access-token'
import type { Account } from '../../../../../src/domain/account'
import type { Activation } from '../../../../../src/domain/activation'
import type { Spending } from '../../../../../src/domain/allowance'
import { type Customer, canonicalEmail } from '../../../../../src/domain/customer'
import type { Revocation } from '../../../../../src/domain/decision'
import type { AuditEvent } from '../../../../../src/domain/event'
import type { License } from '../../../../../src/domain/license'
import type { Product } from '../../../../../src/domain/product'
import type { ProductVersion } from '../../../../../src/domain/product-version'
import type { Session } from '../../../../../src/domain/session'
import type { KnownTime } from '../../../../../src/domain/vouched-time'
import { deliveryId, type WebhookDelivery, type WebhookEndpoint, wantsEvent } from '../../../../../src/domain/webhook'
import { oldestFirst } from './lists'

/** Everything stored. Rows are replaced, never changed, and are copied on their way in and out. */
export class Tables {
  /** When each `kid` was recorded first. */
  readonly signingKeys = new Map<string, Date>()
  readonly accounts = new Map<string, Account>()
  readonly accessTokens = new Map<string, AccessToken>()
  readonly products = new Map<string, Product>()
  /** What housekeeping knows of the time; undefined before its first run. */
  knownTime: KnownTime | undefined
  readonly productVersions = new Map<string, ProductVersion>()
  readonly customers = new Map<string, Customer>()
  readonly licenses = new Map<string, License>()
  /** By license, then by host: a claim costs the same however many there are of either. */
  readonly activations = new Map<string, Map<string, Activation>>()
  /** By license, then by id. */
  readonly sessions = new Map<string, Map<string, Session>>()
  /** What was spent of the licenses' allowances, by license, then by the allowance's name. */
  readonly spendings = new Map<string, Map<string, readonly Spending[]>>()
  /** The entries of the revocation lists, by product and id. */
  readonly revocations = new Map<string, Revocation>()
  readonly events: AuditEvent[] = []
  readonly eventsById = new Map<string, AuditEvent>()
  readonly webhookEndpoints = new Map<string, WebhookEndpoint>()
  /** In the order of their events; a Map keeps it when a delivery is replaced. */
  readonly deliveries = new Map<string, WebhookDelivery>()
  /** By account, scope and key. */
  readonly idempotencyRecords = new Map<string, IdempotencyRecord>()

  /** By hash. */
  readonly accessTokenIds = new Map<string, string>()
  /** By account and canonical email. */
  readonly customerIds = new Map<string, string>()
  /** By canonical key. */
  readonly licenseIds = new Map<string, string>()
  lastPackageId = 0
  /** No license token has a stamp above it. */
  stampCeiling = 0

  activationsOf(licenseId: string): Map<string, Activation> {
    return entryOf(this.activations, licenseId)
  }

  spendingsOf(licenseId: string): Map<string, readonly Spending[]> {
    return entryOf(this.spendings, licenseId)
  }

  sessionsOf(licenseId: string): Map<string, Session> {
    return entryOf(this.sessions, licenseId)
  }

  customerByEmail(accountId: string, email: string | null): Customer | undefined {
    if (email === null || canonicalEmail(email) === null) return undefined
    return this.customers.get(this.customerIds.get(emailKey(accountId, email)) ?? '')
  }

  putCustomer(customer: Customer): void {
    const before = this.customers.get(customer.id)
    if (before !== undefined) this.freeEmail(before)
    if (customer.email !== null) this.customerIds.set(emailKey(customer.accountId, customer.email), customer.id)
    this.customers.set(customer.id, customer)
  }

  deleteCustomer(customer: Customer): void {
    this.freeEmail(customer)
    this.customers.delete(customer.id)
  }

  private freeEmail(customer: Customer): void {
    if (customer.email !== null) this.customerIds.delete(emailKey(customer.accountId, customer.email))
  }

  /** Deletes a license with everything of it but the entries of its tokens, which `revokeAll` makes. */
  deleteLicense(license: License): void {
    this.licenses.delete(license.id)
    this.licenseIds.delete(license.canonicalKey)
    this.activations.delete(license.id)
    this.sessions.delete(license.id)
    this.spendings.delete(license.id)
  }

  putEvent(event: AuditEvent): void {
    this.events.push(event)
    this.eventsById.set(event.id, event)
  }

  /** Stores an event, and a delivery to each endpoint that wants it. */
  appendEvent(event: AuditEvent): void {
    this.putEvent(event)
    for (const endpoint of oldestFirst(ownedBy(event.accountId, this.webhookEndpoints))) {
      if (!wantsEvent(endpoint, event.type)) continue
      const id = deliveryId(event, endpoint)
      this.deliveries.set(id, {
        id,
        accountId: event.accountId,
        endpointId: endpoint.id,
        event,
        status: 'pending',
        attempts: 0,
        nextAttemptAt: event.at,
        lastAttemptAt: null,
        lastError: null,
      })
    }
  }
}

export interface IdempotencyRecord {
  readonly payloadHash: string
  readonly expiresAt: Date
  readonly note: string | null
  /** When the step happened. */
  readonly at: Date
  readonly outcome: { readonly kind: string }
}

function entryOf<T>(table: Map<string, Map<string, T>>, key: string): Map<string, T> {
  const existing = table.get(key)
  if (existing !== undefined) return existing
  const created = new Map<string, T>()
  table.set(key, created)
  return created
}

function emailKey(accountId: string, email: string): string {
  return JSON.stringify([accountId, canonicalEmail(email)])
}

interface Row {
  readonly id: string
  readonly accountId: string
}

/** The account's row with this id; another account's is as good as missing. */
export function owned<T extends Row>(rows: ReadonlyMap<string, T>, id: string | null, accountId: string): T | null {
  const row = id === null ? undefined : rows.get(id)
  return row?.accountId === accountId ? row : null
}

/** The account's rows, in the order they were inserted. */
export function ownedBy<T extends Row>(accountId: string, rows: ReadonlyMap<string, T>): T[] {
  return [...rows.values()].filter((row) => row.accountId === accountId)
}

/** An id that is taken is a fault, not an outcome: ids are random. */
export function refuseTakenId(
  rows: ReadonlyMap<string, unknown>,
  ...newcomers: readonly { readonly id: string }[]
): void {
  for (const { id } of newcomers) {
    if (rows.has(id)) throw new Error(`id ${id} is taken`)
  }
}
