import type { Activation } from '../../domain/activation'
import type { Customer } from '../../domain/customer'
import type { ActivationRows } from '../../domain/decide-claim'
import type { NewCustomer } from '../../domain/decide-customer'
import type { PlannedEvent } from '../../domain/event'
import type { License } from '../../domain/license'
import type { ProductList } from '../../domain/product-list'
import type { ProductVersionTerms } from '../../domain/product-version'
import type { Session } from '../../domain/session'
import type { WebhookTerms } from '../../domain/webhook'

/** A host that was not seen for long. */
export interface UnseenHost {
  readonly accountId: string
  readonly licenseId: string
  /** The first of the license's products. */
  readonly productId: string
  readonly hostId: string
  readonly lastSeenAt: Date
}

export interface UnseenHosts {
  readonly hosts: readonly UnseenHost[]
  readonly next: string | null
}

/** How many of each kind a call of `purgeExpired` deleted. */
export interface Purged {
  readonly licenses: number
  readonly idempotencyRecords: number
  readonly sessions: number
  readonly revocations: number
  readonly deliveries: number
}

/**
 * What every mutating verb is given: the instant it happens at, and what is stored with it in the same step.
 * @typeParam K the outcomes that events can be planned for: those that change something
 */
export interface Step<K extends string> {
  readonly now: Date
  /** Events by outcome. Those of the outcome that happened are appended in the same step; the others are dropped. */
  readonly events?: Readonly<Partial<Record<K, readonly PlannedEvent[]>>>
  /**
   * The products that whoever asks may act on; all where they are not given. What changes a license as a whole is then
   * `not-covered` where the license is for another product too; what changes a customer, where one of their licenses is.
   */
  readonly products?: ProductList
  /** Makes the step happen once, however often it is asked for. */
  readonly idempotency?: Idempotency
  /**
   * Set where the caller may have nothing more kept: a step that would append events is `closed` and changes nothing, and any
   * other keeps no idempotency record.
   */
  readonly isClosed?: true
  /** Called once events or an idempotency record were kept; with true where something has happened. */
  readonly onKept?: (happened: boolean) => void
  /** The proof that the caller has shown: of all steps that it is shown for, one may come to what `usesUpProof`. */
  readonly takes?: ShownOnce
}

/** A proof, by its name. */
export interface ShownOnce {
  readonly name: string
  /** By then it is good nowhere any more, and its name need not be kept. */
  readonly endsAt: Date
}

/** Why a step was not done, whatever its verb. */
export type StepRefusal = { readonly kind: 'idempotency-mismatch' | 'closed' }

/**
 * Look the record (account, scope, key) up inside the step, before anything else. None, or one whose `expiresAt` is at
 * or before `step.now`: do the step and store its outcome (whatever its kind) in it. One with the same `payloadHash`:
 * return the stored outcome with {@link Replay} and change nothing. One with another: `idempotency-mismatch`.
 *
 * Of simultaneous steps with one key, one happens; the others wait for it and are replays.
 */
export interface Idempotency {
  /** Keeps the keys of different callers and operations apart. */
  readonly scope: string
  readonly key: string
  readonly payloadHash: string
  readonly expiresAt: Date
  /** Kept with the outcome and given back with a replay: what the caller needs to render the same answer again. */
  readonly note?: string
}

/** What is known of the step a replayed outcome comes from. */
export interface Replay {
  /** Its `step.now`. */
  readonly at: Date
  /** Its `idempotency.note`. */
  readonly note: string | null
}

/** The outcome of a mutating verb. `encodeOutcome` and `decodeOutcome` turn one into text and back. */
export type StepResult<O extends { readonly kind: string }> = Promise<Replayable<O> | StepRefusal>

/** An outcome, marked when it is that of an earlier step. */
export type Replayable<O> = O & { readonly replayed?: Replay }

/** A stretch of a list. Rows of one instant too have an order, so that pages neither repeat a row nor miss one. */
export interface PageRequest {
  /** At most this many items. */
  readonly limit: number
  /** Items to leave out before the first; default 0. */
  readonly offset?: number
}

export interface Page<T> {
  readonly items: readonly T[]
  /** How many there are in all. */
  readonly total: number
}

/**
 * A stretch of a list that is walked from end to end: it goes on behind a place, whatever was deleted before it meanwhile. It
 * is not counted.
 */
export interface WalkRequest extends PageRequest {
  /** `end` of the stretch before; empty for the first one. */
  readonly after: Place
}

/** The place of an item in its list. */
export type Place = readonly (string | number | boolean | null)[]

/** A page as the store answers it. */
export interface FoundPage<T> extends Page<T> {
  /** For a {@link WalkRequest}: the place of the last item, while there may be more. */
  readonly end?: Place
}

/** Names a license, by canonical key. With `productId` it must also be sold for that product. */
export interface LicenseTarget {
  readonly canonicalKey: string
  readonly productId?: string
}

/**
 * Names a license that is sold for a product: `isSoldFor` says when. Otherwise (no such key, another
 * account's, product unknown or inactive) the outcome is `gone`.
 */
export interface ActivationTarget extends LicenseTarget {
  readonly productId: string
}

/**
 * `foreign`: the key exists in another account. With a `productId` a foreign license is `gone` instead. `not-covered`: it
 * is there, and is for a product too that whoever asks may not act on.
 */
export type Missing = { readonly kind: 'gone' } | { readonly kind: 'foreign' } | NotCovered

/** See `Step.products`. */
export interface NotCovered {
  readonly kind: 'not-covered'
}

export type ProductVersionChanges = Partial<ProductVersionTerms>

export type WebhookEndpointChanges = Partial<WebhookTerms>

/** A trial that a host asks for. */
export interface StartTrial {
  readonly productId: string
  /** The license that is made where the host has had none: its key follows from product and host, its end from the product. */
  readonly trial: License
  /** The canonical keys of the trials that the host may have had under another id, the likeliest first. */
  readonly previousKeys: readonly string[]
}

export interface InsertLicenses {
  /** At least one; all with the same `customerId` and `productIds`. `activationCount` and `stampFloor` are 0. */
  readonly licenses: readonly License[]
  /** A customer to store in the same step; the licenses carry its id. */
  readonly newCustomer?: NewCustomer
}

export type FindLicenseOutcome =
  | { readonly kind: 'found'; readonly license: License; readonly customer: Customer | null }
  | Missing

export type DescribeLicenseOutcome =
  | {
      readonly kind: 'found'
      readonly license: License
      readonly customer: Customer | null
      readonly activations: readonly Activation[]
    }
  | Missing

export type FindActivationOutcome =
  | ({ readonly kind: 'found' } & Omit<ActivationRows, 'activation'> & { readonly activation: Activation | null })
  /** The product is the account's and active, the license too exists there, but is not for this product. */
  | { readonly kind: 'wrong-product' }
  | { readonly kind: 'gone' }

/** Names a session of a license. */
export interface SessionTarget extends ActivationTarget {
  readonly sessionId: string
}

export type FindSessionOutcome =
  | { readonly kind: 'found'; readonly license: License; readonly session: Session }
  | { readonly kind: 'not-found' | 'gone' }
