import type { AccessToken } from '../domain/access-token'
import type { Account } from '../domain/account'
import type { Activation } from '../domain/activation'
import type { Customer } from '../domain/customer'
import type { Revocation } from '../domain/decision'
import type { AuditEvent } from '../domain/event'
import type { License } from '../domain/license'
import type { Product } from '../domain/product'
import type { ProductVersion } from '../domain/product-version'
import type { Session } from '../domain/session'
import type { WebhookDelivery, WebhookEndpoint } from '../domain/webhook'

/**
 * The kinds of record a store is made of, what others belong to first: in this order they can be carried from one
 * store to another. Idempotency records are not among them: they are an adapter's own, and good for a day.
 */
export const RECORD_KINDS = [
  'signing-key',
  'account',
  'access-token',
  'product',
  'product-version',
  'customer',
  'license',
  'activation',
  'session',
  'stamp-ceiling',
  'revocation',
  'webhook-endpoint',
  'event',
  'delivery',
] as const

export type RecordKind = (typeof RECORD_KINDS)[number]

interface RecordValues {
  readonly 'signing-key': { readonly kid: string; readonly recordedAt: Date }
  readonly account: Account
  readonly 'access-token': AccessToken
  readonly product: Product
  readonly 'product-version': ProductVersion
  readonly customer: Customer
  /** Its `activationCount` is told, and not read: importing activations counts them. */
  readonly license: License
  readonly activation: Activation
  readonly session: Session
  readonly revocation: Revocation
  /** What no license token's stamp is above; there is one. */
  readonly 'stamp-ceiling': { readonly ceiling: number }
  readonly 'webhook-endpoint': WebhookEndpoint
  readonly event: AuditEvent
  /** Its event by id. */
  readonly delivery: Omit<WebhookDelivery, 'event'> & { readonly eventId: string }
}

/** One thing stored, whole, under the id it has. */
export type StoreRecord = { readonly [K in RecordKind]: StoreRecordOf<K> }[RecordKind]

export interface StoreRecordOf<K extends RecordKind> {
  readonly kind: K
  readonly value: RecordValues[K]
}

/** A stretch of the records of one kind, and where the next one begins: null after the last. */
export interface RecordBatch {
  readonly records: readonly StoreRecord[]
  readonly next: string | null
}

export type { ImportOutcome } from '../domain/decide-import'
