import type { RevocationSubject } from '../protocol/revocation-list'
import type { AccessToken } from './access-token'
import type { Account } from './account'
import type { Activation } from './activation'
import type { Spending } from './allowance'
import type { Customer } from './customer'
import type { AuditEvent } from './event'
import type { License } from './license'
import type { Product } from './product'
import type { ProductVersion } from './product-version'
import type { Session } from './session'
import type { WebhookDelivery, WebhookEndpoint } from './webhook'

/** Tokens that may not be used any more: those of the subject whose stamp is not above this one. */
export interface Revoked {
  readonly license: Pick<License, 'productIds'>
  readonly subject: RevocationSubject
  readonly stamp: number
  /** When the last of them can be of use, grace included. */
  readonly tokensEndAt: Date
}

/** What was spent of one of a license's allowances. */
export interface Spendings {
  readonly licenseId: string
  readonly name: string
  readonly spent: readonly Spending[]
}

/** An entry of a product's revocation list. A license of several products has it on the list of each. */
export interface Revocation {
  readonly productId: string
  /** See `revocationId`. */
  readonly id: string
  readonly licenseId: string
  /** The host whose tokens it is about, or those of a key of it; empty for all of the license. */
  readonly hostId: string
  /** Which of its license's products the list is of, from 0: the entry is counted once. */
  readonly rank: number
  /** Tokens whose stamp is not above it are revoked. */
  readonly stamp: number
  /** When the last of them can be of use. */
  readonly endsAt: Date
}

/** A number that only grows, such as the highest package id given. */
export interface Counter {
  readonly name: string
  readonly value: number
}

/** One of the products that a license is for. */
export interface LicensedProduct {
  readonly licenseId: string
  readonly productId: string
  readonly accountId: string
  readonly createdAt: Date
}

/** The deliveries of one endpoint about one license, which go out one after the other. */
export interface DeliveryLine {
  readonly endpointId: string
  /** The license, or the delivery itself where its event is about none: such a line has one delivery. */
  readonly line: string
  /** How many deliveries of it are pending: at least one, for a line with none is not kept. */
  readonly pending: number
  /** The delivery that goes out first. */
  readonly head: string
}

/** A delivery as it is kept: with its event by id. `dueAt` is set on the head of its line only. */
export interface KeptDelivery extends Omit<WebhookDelivery, 'event'> {
  readonly eventId: string
  readonly line: string
  readonly dueAt: Date | null
}

/** The outcome of a step that is to happen once only. */
export interface IdempotencyRecord {
  readonly accountId: string
  readonly scope: string
  readonly key: string
  readonly payloadHash: string
  /** Encoded. */
  readonly outcome: string
  readonly doneAt: Date
  readonly note: string | null
  readonly expiresAt: Date
}

/** When a signing key was recorded first. */
interface RecordedKey {
  readonly kid: string
  readonly recordedAt: Date
}

/** What of a license is kept as rows of its own, without end. */
export type Occupancy = 'activation' | 'session'

/** A license that loses all its rows of these kinds at once. The decision replaces or removes it. */
export interface Vacated {
  readonly license: License
  readonly of: readonly Occupancy[]
}

/** Rows of a license that count no more and are still to be cleared away. */
export interface Leftover {
  readonly of: Occupancy
  readonly licenseId: string
  readonly generation: number
}

/** Everything that is kept, by what it is called. */
export interface Entities {
  readonly signingKey: RecordedKey
  readonly account: Account
  readonly accessToken: AccessToken
  readonly product: Product
  readonly productVersion: ProductVersion
  readonly customer: Customer
  readonly license: License
  readonly licensedProduct: LicensedProduct
  readonly activation: Activation
  readonly spendings: Spendings
  readonly session: Session
  readonly leftover: Leftover
  readonly revocation: Revocation
  readonly counter: Counter
  readonly event: AuditEvent
  readonly webhookEndpoint: WebhookEndpoint
  readonly delivery: KeptDelivery
  readonly deliveryLine: DeliveryLine
  readonly idempotencyRecord: IdempotencyRecord
}

export type EntityName = keyof Entities

/**
 * A change that a decision makes. `before` is the very object that the decision was given: it holds only while that is
 * stored as it was.
 */
export type EntityChange<K extends EntityName = EntityName> = K extends EntityName
  ?
      | { readonly kind: 'insert'; readonly of: K; readonly after: Entities[K] }
      | { readonly kind: 'replace'; readonly of: K; readonly before: Entities[K]; readonly after: Entities[K] }
      | { readonly kind: 'remove' | 'rely'; readonly of: K; readonly before: Entities[K] }
  : never

/** What a use case comes to: what its caller is told, and what changes with it, all together or not at all. */
export interface Decided<O> {
  readonly outcome: O
  readonly changes: readonly EntityChange[]
  /** The licenses whose rows go, however many there are. */
  readonly vacated?: readonly Vacated[]
  /** The tokens that may not be used any more. */
  readonly revoked?: readonly Revoked[]
  /** The entries of what is revoked as they are on the lists, where they were read already. */
  readonly listed?: readonly Revocation[]
  /** How high the ceiling of stamps must be, where the token that its outcome is for is above it. */
  readonly reserved?: number
  /** The license that its events are about, where its outcome does not hold it. */
  readonly about?: License
  /** What its events say beyond what was planned: what is known in the step only. */
  readonly told?: Readonly<Record<string, unknown>>
  /** Set where the outcome is not kept under an idempotency key: the same request may be let through later. */
  readonly unkept?: true
}

/** A decision that changes nothing. */
export function only<O>(outcome: O): Decided<O> {
  return { outcome, changes: [] }
}

/** A decision that changes nothing, not even what is remembered of the request: see `unkept`. */
export function forNow<O>(outcome: O): Decided<O> {
  return { outcome, changes: [], unkept: true }
}

export function insert<K extends EntityName>(of: K, after: Entities[K]): EntityChange {
  return { kind: 'insert', of, after } as EntityChange
}

export function replace<K extends EntityName>(of: K, before: Entities[K], after: Entities[K]): EntityChange {
  return { kind: 'replace', of, before, after } as EntityChange
}

export function remove<K extends EntityName>(of: K, before: Entities[K]): EntityChange {
  return { kind: 'remove', of, before } as EntityChange
}

/** The decision holds only while this stays as it is. */
export function rely<K extends EntityName>(of: K, before: Entities[K] | null): readonly EntityChange[] {
  return before === null ? [] : [{ kind: 'rely', of, before } as EntityChange]
}
