import type { AccessToken } from '../../domain/access-token'
import type { Account } from '../../domain/account'
import type { Activation } from '../../domain/activation'
import { type Customer, canonicalEmail } from '../../domain/customer'
import type { AuditEvent } from '../../domain/event'
import type { License } from '../../domain/license'
import type { Product } from '../../domain/product'
import type { Page, PageRequest } from '../contract'

/** Everything stored. Rows are replaced, never changed, and are copied on their way in and out. */
export class Tables {
  readonly signingKeyIds = new Set<string>()
  readonly accounts = new Map<string, Account>()
  readonly accessTokens = new Map<string, AccessToken>()
  readonly products = new Map<string, Product>()
  readonly customers = new Map<string, Customer>()
  readonly licenses = new Map<string, License>()
  /** By license, then by host: a claim costs the same however many there are of either. */
  readonly activations = new Map<string, Map<string, Activation>>()
  readonly events: AuditEvent[] = []
  /** By account, scope and key. */
  readonly idempotencyRecords = new Map<string, IdempotencyRecord>()

  /** By hash. */
  readonly accessTokenIds = new Map<string, string>()
  /** By account and canonical email. */
  readonly customerIds = new Map<string, string>()
  /** By canonical key. */
  readonly licenseIds = new Map<string, string>()
  lastPackageId = 0

  activationsOf(licenseId: string): Map<string, Activation> {
    const existing = this.activations.get(licenseId)
    if (existing !== undefined) return existing
    const created = new Map<string, Activation>()
    this.activations.set(licenseId, created)
    return created
  }

  customerByEmail(accountId: string, email: string | null): Customer | undefined {
    if (email === null) return undefined
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

  deleteLicense(license: License): void {
    this.licenses.delete(license.id)
    this.licenseIds.delete(license.canonicalKey)
    this.activations.delete(license.id)
  }
}

export interface IdempotencyRecord {
  readonly payloadHash: string
  readonly expiresAt: Date
  readonly outcome: { readonly kind: string }
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

/** By creation; rows created at one instant stay in the order they were inserted. */
export function oldestFirst<T extends { readonly createdAt: Date }>(rows: readonly T[]): T[] {
  return rows.toSorted((a, b) => a.createdAt.getTime() - b.createdAt.getTime())
}

export function pageOf<T>(rows: readonly T[], { limit, offset = 0 }: PageRequest): Page<T> {
  return { items: structuredClone(rows.slice(offset, offset + limit)), total: rows.length }
}
