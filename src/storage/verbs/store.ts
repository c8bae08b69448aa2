import type { AccessToken } from '../../domain/access-token'
import type { Account } from '../../domain/account'
import type { Activation, Takeover, UnseenSince } from '../../domain/activation'
import type { Customer } from '../../domain/customer'
import type { CheckoutOutcome as ClaimSessionOutcome } from '../../domain/decide-checkout'
import type { ActivationRows, ClaimOutcome } from '../../domain/decide-claim'
import type { CustomerChanges, NewCustomer } from '../../domain/decide-customer'
import type { TakenDelivery as ClaimedDelivery, DeliveryResult } from '../../domain/decide-delivery'
import type { SessionRefusal } from '../../domain/decide-heartbeat'
import type { InsertLicensesOutcome, LicenseChanges } from '../../domain/decide-license'
import type {
  DeviceOutcome,
  DeviceRelease,
  Release,
  ReleaseAllOutcome,
  ReleaseOutcome,
} from '../../domain/decide-release'
import type { TrialOutcome } from '../../domain/decide-trial'
import type { ValidateOutcome, Validation } from '../../domain/decide-validate'
import type { Revocation } from '../../domain/decision'
import type { AuditEvent, PlannedEvent } from '../../domain/event'
import type { License } from '../../domain/license'
import type { Product } from '../../domain/product'
import type { ProductVersion } from '../../domain/product-version'
import type { NewSession, Session } from '../../domain/session'
import type { SlotRequest } from '../../domain/slot-request'
import type { WebhookDelivery, WebhookEndpoint } from '../../domain/webhook'
import type { ImportOutcome, RecordBatch, RecordKind, StoreRecord } from '../records'

export type {
  ActivationRows,
  ClaimedDelivery,
  ClaimOutcome,
  ClaimSessionOutcome,
  CustomerChanges,
  DeliveryResult,
  DeviceOutcome,
  InsertLicensesOutcome,
  LicenseChanges,
  ReleaseAllOutcome,
  ReleaseOutcome,
  SessionRefusal,
  TrialOutcome,
  ValidateOutcome,
}

/**
 * What services ask of a store: a verb for each use case, in one step each. (They are read in one go, so they
 * are in one file, longer than other files.) Whatever the database, a verb is one decision over
 * its rows (see `domain/decide-*.ts`).
 *
 * - **Accounts.** Every verb takes the account it acts for. An object of another account looks like a missing one,
 *   except where an outcome says `foreign`.
 * - **Errors.** Outcomes are values. STORAGE_UNAVAILABLE is thrown where the database cannot answer: it is unknown then
 *   whether the step happened, all of it or nothing. Anything else thrown is a fault, such as an id that is taken.
 */
export interface Store {
  /** Short name for messages, such as `sqlite`. */
  readonly name: string

  /** Connects, and brings the schema up to date; safe when several processes do so at once. Called before any other verb. */
  open(): Promise<void>
  /** Waits for steps under way, then lets go of everything. A second call does nothing. */
  close(): Promise<void>
  /** Resolves when the database answers. */
  ping(): Promise<void>

  // ── Signing keys ─────────────────────────────────────────────────────────────────────────────────────────────

  /** The `kid`s this store has been opened with, in the order they were recorded first. */
  listSigningKeyIds(): Promise<readonly string[]>
  /** Records a `kid`; one already recorded stays where it is. */
  recordSigningKeyId(kid: string, now: Date): Promise<void>

  // ── Accounts and access tokens ───────────────────────────────────────────────────────────────────────────────

  /** Stores an account. `exists` when the id is taken: nothing is changed. */
  insertAccount(account: Account): Promise<{ readonly kind: 'created' | 'exists' }>
  findAccount(accountId: string): Promise<Account | null>

  insertAccessToken(accountId: string, token: AccessToken, step: Step<'created'>): StepResult<{ kind: 'created' }>
  /** Whose token this is, by its hash, revoked and expired ones included. The only finder without an account. */
  findAccessToken(hash: string): Promise<AccessToken | null>
  /** Marks the token revoked at `step.now`; one revoked before keeps its earlier time and is `revoked` all the same. */
  revokeAccessToken(accountId: string, tokenId: string, step: Step<'revoked'>): StepResult<{ kind: 'revoked' | 'gone' }>
  /** Oldest first. */
  listAccessTokens(accountId: string, page: PageRequest): Promise<Page<AccessToken>>

  // ── Products ─────────────────────────────────────────────────────────────────────────────────────────────────

  /** Stores a product under the next free `packageId`: one more than the highest ever given, in any account. */
  insertProduct(
    accountId: string,
    product: Omit<Product, 'packageId' | 'accountId'>,
    step: Step<'created'>,
  ): StepResult<{ kind: 'created'; product: Product }>
  updateProduct(
    accountId: string,
    productId: string,
    changes: ProductChanges,
    step: Step<'updated'>,
  ): StepResult<{ kind: 'updated'; product: Product } | { kind: 'gone' }>
  findProduct(accountId: string, productId: string): Promise<Product | null>
  /** The account's products with these package ids, in no particular order; those it has not are left out. */
  findProductsByPackageIds(accountId: string, packageIds: readonly number[]): Promise<readonly Product[]>
  /** By `packageId`, ascending. */
  listProducts(accountId: string, page: PageRequest): Promise<Page<Product>>

  /** Stores a version of a product. `gone` when the account has no such product. */
  insertProductVersion(
    accountId: string,
    version: ProductVersion,
    step: Step<'created'>,
  ): StepResult<{ kind: 'created'; version: ProductVersion } | { kind: 'gone' }>
  updateProductVersion(
    accountId: string,
    productId: string,
    versionId: string,
    changes: ProductVersionChanges,
    step: Step<'updated'>,
  ): StepResult<{ kind: 'updated'; version: ProductVersion } | { kind: 'gone' }>
  /** The version, or null where it is not one of this product of the account. */
  findProductVersion(accountId: string, productId: string, versionId: string): Promise<ProductVersion | null>
  /** Oldest first. */
  listProductVersions(accountId: string, productId: string, page: PageRequest): Promise<Page<ProductVersion>>

  // ── Customers ────────────────────────────────────────────────────────────────────────────────────────────────

  /** Stores a customer. `email-taken` when the account has one whose `canonicalEmail` is equal. */
  insertCustomer(
    accountId: string,
    customer: Customer,
    step: Step<'created'>,
  ): StepResult<{ kind: 'created'; customer: Customer } | { kind: 'email-taken' }>
  /** Changes a customer; `updatedAt` becomes `step.now`. `toggle` flips `active` on the stored row. */
  updateCustomer(
    accountId: string,
    customerId: string,
    changes: CustomerChanges | 'toggle',
    step: Step<'updated'>,
  ): StepResult<{ kind: 'updated'; customer: Customer } | { kind: 'email-taken' } | { kind: 'gone' }>
  /** Deletes the customer with its licenses and their activations, all or nothing. */
  deleteCustomer(
    accountId: string,
    customerId: string,
    step: Step<'deleted'>,
  ): StepResult<{ kind: 'deleted'; licenses: number } | { kind: 'gone' }>
  findCustomer(accountId: string, customerId: string): Promise<Customer | null>
  findCustomerByEmail(accountId: string, email: string): Promise<Customer | null>
  /** Oldest first. `email` keeps the one customer with that email. */
  listCustomers(accountId: string, filter: { readonly email?: string }, page: PageRequest): Promise<Page<Customer>>

  // ── Licenses ─────────────────────────────────────────────────────────────────────────────────────────────────

  /**
   * Stores licenses, and a new customer of theirs, all or none. `version-not-found` unless the version they are tied to
   * `isAssignable`, if they are to one; `product-not-found` unless every product they are for is the account's and active.
   */
  insertLicenses(accountId: string, input: InsertLicenses, step: Step<'created'>): StepResult<InsertLicensesOutcome>
  /** The license named by a canonical key, in whatever state. */
  findLicense(accountId: string, canonicalKey: string): Promise<FindLicenseOutcome>
  /**
   * A license with its customer and its newest activations, at most `devices` of them, as of one instant. `gone` where the
   * target names a product that the license is not sold for.
   */
  describeLicense(accountId: string, target: LicenseTarget, devices: number): Promise<DescribeLicenseOutcome>
  /**
   * Changes a license, and stores a new customer of its in the same step, as `insertLicenses` does: the license is then
   * for that customer, or for the one who has the email. `updatedAt` becomes `step.now`. Lowering `maxActivations`
   * evicts nobody. Blocking one that was not blocked revokes its tokens (see {@link listRevocations}).
   * With `productId`, the license must be sold for that product (see {@link ActivationTarget}), else `gone`; a version it is
   * to be tied to must be one of that product, else one of its own, and `isAssignable`, else `version-not-found`.
   */
  updateLicense(
    accountId: string,
    target: LicenseTarget,
    changes: LicenseChanges & Pick<InsertLicenses, 'newCustomer'>,
    step: Step<'updated'>,
  ): StepResult<
    | { kind: 'updated'; license: License }
    | { kind: 'version-not-found' }
    | { kind: 'customer-not-found' }
    | { kind: 'email-taken' }
    | Missing
  >
  /** Deletes the license with its activations, its sessions and what was spent of its allowances. */
  deleteLicense(
    accountId: string,
    target: LicenseTarget,
    step: Step<'deleted'>,
  ): StepResult<{ kind: 'deleted'; license: License } | Missing>
  /**
   * Removes every activation and session, sets the counter to 0, forgets what was spent of its allowances and raises
   * `resetCount` by one, in whatever state the license is.
   */
  resetLicense(
    accountId: string,
    target: LicenseTarget,
    step: Step<'reset'>,
  ): StepResult<{ kind: 'reset'; license: License } | Missing>
  /** Oldest first. */
  listLicenses(
    accountId: string,
    filter: { readonly productId?: string; readonly customerId?: string },
    page: PageRequest,
  ): Promise<Page<License>>

  // ── Activations ──────────────────────────────────────────────────────────────────────────────────────────────

  /**
   * Claims an activation slot for a host, in the way that `decideClaim` says, by the rules that the request names. What the
   * slot costs is spent in the same step: a claim that is refused spends nothing, and of simultaneous claims no more are let
   * through than an allowance has room for. `rate-limited`, a device that cannot be replaced and `end-needed` are not kept
   * under an idempotency key.
   *
   * Two simultaneous claims for one host: one is `created`, the other `existing`, one slot is taken. For different
   * hosts at the last slot: one is `created`, the other `limit-reached`.
   *
   * `existing` writes nothing but what `seeActivation` changes, and that only when `isLastSeenStale`, or what a license file
   * needs.
   *
   * A takeover: the activation becomes what `takeOver` makes of it, the tokens of the host or key before are revoked (see
   * {@link listRevocations}), and the counter stays. When `moved`, from the first of `previousHostIds`, in their order,
   * that holds a slot of this very license which may be taken over, the previous host holds none any more. `refuseClaim`
   * is asked with that activation and the claiming host: one whose own time has run out is `expired` and stays where it
   * is. Of two hosts that name the same previous one at once, one is `moved`; the other is `created`, or `limit-reached`.
   * Of two claims that would rebind one host to two keys, both are `rebound`, and the later one's key is bound.
   */
  claimActivation(
    accountId: string,
    target: ActivationTarget,
    claim: SlotRequest,
    step: Step<'created' | 'existing' | Takeover>,
  ): StepResult<ClaimOutcome>
  /**
   * Frees a host's slot; the counter goes one down. In this order: `gone`; `blocked` when the license is blocked, while
   * expiry and a disabled customer do not matter; what `refuseRelease` says of the stored row. Where the rules of the request
   * let it change hands no more, or the license has `MAX_LIVE_ENTRIES`, the row stays, and the counter: it becomes what
   * `surrenderActivation` makes of it, and the outcome is `surrendered`. Of two simultaneous releases one is `released`, or `surrendered`;
   * the other `not-active`.
   */
  releaseActivation(
    accountId: string,
    target: ActivationTarget & { readonly hostId: string } & Release,
    step: Step<'released' | 'surrendered'>,
  ): StepResult<ReleaseOutcome>
  /**
   * Frees the slot of a device for whoever has the license key, in the way that `decideFreeDevice` says. `no-self-service` and
   * `rate-limited` are not kept under an idempotency key.
   */
  releaseDevice(
    accountId: string,
    target: ActivationTarget & DeviceRelease,
    step: Step<'released' | 'surrendered'>,
  ): StepResult<DeviceOutcome>
  /** Frees every slot, resting ones too; the counter becomes 0. `count` tells how many there were, 0 included. */
  releaseAllActivations(
    accountId: string,
    target: ActivationTarget,
    step: Step<'released'>,
  ): StepResult<ReleaseAllOutcome>
  /**
   * Starts a host's trial of a product, or goes on with the one it has had, and claims its slot, as `decideTrial` says: all in
   * one step. `not-offered`, like what `claimActivation` does not keep, is not kept under an idempotency key.
   */
  startTrial(
    accountId: string,
    start: StartTrial,
    claim: SlotRequest,
    step: Step<'started' | 'created' | 'existing' | Takeover>,
  ): StepResult<TrialOutcome>
  /**
   * Whether a license serves on a host, as `decideValidate` says. Mostly a mere look, at one instant; where the host is to
   * be marked as seen, all is decided anew in the step that does so.
   */
  validateActivation(accountId: string, target: ActivationTarget & Validation, now: Date): Promise<ValidateOutcome>
  /** A license, its product and a host's activation, read at one instant. */
  findActivation(
    accountId: string,
    target: ActivationTarget & { readonly hostId: string },
  ): Promise<FindActivationOutcome>
  /**
   * Raises `lastSeenAt` and `tokensEndAt` to the instants given; a later stored one stays. Does nothing when the host
   * holds no slot. Called before a license token is handed out that outlives what the row says.
   */
  touchActivation(
    accountId: string,
    licenseId: string,
    hostId: string,
    seen: Pick<Activation, 'lastSeenAt' | 'tokensEndAt'>,
  ): Promise<void>
  /** Newest first, by `activatedAt`, then by `hostId`; those whose slot rests among them. */
  listActivations(accountId: string, licenseId: string, page: PageRequest): Promise<Page<Activation>>

  // ── Sessions ─────────────────────────────────────────────────────────────────────────────────────────────────────

  /**
   * Takes a seat of a floating license. In this order: `gone` unless the license is sold for the product; what
   * `refuseCheckout` says of the stored rows; `existing` when this seat (host and user) has a live session, which
   * becomes what `resumeSession` makes of it, whatever the limit; `limit-reached` unless `hasFreeSeat` for the
   * sessions that are live at `step.now`; else `created`, with the row `startSession` makes.
   *
   * A lapsed session holds no seat, whether or not it was removed; its seat's next checkout makes a new one. Of
   * simultaneous checkouts of the last seat one is `created`; of simultaneous checkouts of one seat, one is `created`
   * and the others `existing`, each with secret and nonce of its own, of which the last stored count.
   */
  claimSession(
    accountId: string,
    target: ActivationTarget,
    session: NewSession,
    step: Step<'created' | 'existing'>,
  ): StepResult<ClaimSessionOutcome>
  /** A live session of a license, with its secret. `not-found` when it has lapsed, too. */
  findSession(accountId: string, target: SessionTarget, now: Date): Promise<FindSessionOutcome>
  /**
   * Uses up a nonce and renews the lease: the stored row becomes what `extendSession` makes of it. Else, in this order:
   * `gone`, `not-found`, `bad-nonce` unless `nonce` is the stored one, `blocked` when the license is blocked. Of two
   * simultaneous renewals with one nonce one is `renewed`.
   */
  renewSession(
    accountId: string,
    target: SessionTarget,
    nonces: { readonly nonce: string; readonly nextNonce: string },
    step: Step<'renewed'>,
  ): StepResult<{ kind: 'renewed'; license: License; session: Session } | SessionRefusal>
  /** Uses up a nonce and frees the seat, in whatever state the license is. */
  releaseSession(
    accountId: string,
    target: SessionTarget,
    nonce: string,
    step: Step<'released'>,
  ): StepResult<{ kind: 'released'; license: License; session: Session } | SessionRefusal>
  /** The sessions live at `now`, oldest first. */
  listSessions(accountId: string, licenseId: string, now: Date, page: PageRequest): Promise<Page<Session>>

  // ── Revocations ──────────────────────────────────────────────────────────────────────────────────────────────────

  /**
   * The entries of the revocation list of a product, or of all products: null for a product that there is not. Each is
   * listed once, until the second in which the last token it concerns can be of use.
   *
   * Whoever revokes, in the same step, takes the ceiling of stamps as its stamp, raises the ceiling above that, and leaves
   * the stamp as the floor of the license (`stampFloor`) where all its tokens are meant: blocking, resetting, releasing all.
   * One entry stands for a license that was blocked, reset, released or deleted (with its customer, or by `purgeExpired`),
   * however many hosts it has; one for an activation that was released or moved; one for a proof key that was replaced.
   * Nothing is listed of tokens that have ended.
   *
   * @param productId null for all products
   */
  listRevocations(now: Date, productId: string | null): Promise<readonly Revocation[] | null>

  // ── Webhooks ─────────────────────────────────────────────────────────────────────────────────────────────────────

  insertWebhookEndpoint(
    accountId: string,
    endpoint: WebhookEndpoint,
    step: Step<'created'>,
  ): StepResult<{ kind: 'created'; endpoint: WebhookEndpoint }>
  updateWebhookEndpoint(
    accountId: string,
    endpointId: string,
    changes: WebhookEndpointChanges,
    step: Step<'updated'>,
  ): StepResult<{ kind: 'updated'; endpoint: WebhookEndpoint } | { kind: 'gone' }>
  /** Gives the endpoint another secret: it becomes what `rotateSecret` makes of it. Of simultaneous calls, each takes over from the one before. */
  rotateWebhookSecret(
    accountId: string,
    endpointId: string,
    secret: string,
    step: Step<'updated'>,
  ): StepResult<{ kind: 'updated'; endpoint: WebhookEndpoint } | { kind: 'gone' }>
  /** Deletes the endpoint with its deliveries. */
  deleteWebhookEndpoint(
    accountId: string,
    endpointId: string,
    step: Step<'deleted'>,
  ): StepResult<{ kind: 'deleted' } | { kind: 'gone' }>
  /** Oldest first. */
  listWebhookEndpoints(accountId: string, page: PageRequest): Promise<Page<WebhookEndpoint>>
  /**
   * Takes deliveries that are due, of all accounts, oldest event first, at most `limit`. Every event stored makes, in
   * the same step, a `pending` delivery (named by `deliveryId`, due at the event's `at`) for each endpoint of its account
   * that `wantsEvent`.
   *
   * Taking one counts an attempt, sets `lastAttemptAt` to `now` and `nextAttemptAt` to `leaseEndsAt`, so that no two
   * callers hold the same; if the taker dies, it is due again then. While a delivery is pending, later ones for the same
   * endpoint and license are not taken: order per license is kept. Those of events without a license wait for none.
   * Deliveries of inactive endpoints wait.
   */
  claimDeliveries(now: Date, leaseEndsAt: Date, limit: number): Promise<readonly ClaimedDelivery[]>
  /**
   * Stores how an attempt ended; `delivered` clears `lastError`. Does nothing when the delivery is gone, or was taken
   * again since (other `attempts`).
   */
  settleDelivery(deliveryId: string, attempts: number, result: DeliveryResult): Promise<void>
  /** Newest event first. */
  listDeliveries(
    accountId: string,
    filter: { readonly endpointId?: string; readonly status?: WebhookDelivery['status'] },
    page: PageRequest,
  ): Promise<Page<WebhookDelivery>>
  /** Makes a delivery, in whatever state, pending and due at `now`, with no attempts. */
  redeliver(accountId: string, deliveryId: string, now: Date): Promise<{ readonly kind: 'queued' | 'gone' }>

  // ── Moving between stores ────────────────────────────────────────────────────────────────────────────────────────

  /** How many records of each kind there are: what {@link exportRecords} would give in all. */
  countRecords(): Promise<Readonly<Record<RecordKind, number>>>
  /**
   * The records of one kind, of all accounts, lapsed and expired ones too, at most `limit` at a time, beginning after
   * `after`: null for the first, then the `next` of the batch before. Those of a kind whose order shows in a list
   * (signing keys; events; what was created at one instant) come in that order. What is written meanwhile may be missed.
   */
  exportRecords(kind: RecordKind, after: string | null, limit: number): Promise<RecordBatch>
  /**
   * Stores records as they are, ids, instants and package ids included, and says of each what became of it, in their
   * order. All in one step, so that a batch which fails leaves nothing. Makes no events and no deliveries, asks no
   * limit. A license starts with no activations, each activation raises its counter by one; package ids go on after the
   * highest. An entry of a revocation list that is there takes the highest stamp and the latest end; the ceiling of
   * stamps is raised to the one given (`existing` where it is that high), and above the stamp of each entry.
   */
  importRecords(records: readonly StoreRecord[]): Promise<readonly ImportOutcome[]>

  // ── Audit and housekeeping ───────────────────────────────────────────────────────────────────────────────────

  /** The events in the order they were stored. */
  listEvents(accountId: string, filter: { readonly licenseId?: string }, page: PageRequest): Promise<Page<AuditEvent>>
  /**
   * Deletes what has had its day, at most `limit` of each kind in one call: licenses whose `cleanableAt` is at or
   * before `now`, with their activations and sessions; idempotency records, lapsed sessions and revocations by their time
   * likewise; deliveries that were `delivered` and whose last attempt is `DELIVERED_KEPT_MS` or more before `now`.
   */
  purgeExpired(now: Date, limit: number): Promise<Purged>
  /**
   * The hosts that `isUnseen` among the next activations, of all accounts, whatever their licenses' state. At most `limit`
   * activations are looked at, unseen or not, so that a call costs the same however many there are, without an index that
   * every claim would pay for. Begins after `after`: null for the first, then the `next` of the call before, which is
   * null at the end. The order is the adapter's own; what changes meanwhile may be missed, what stays may not.
   */
  findUnseen(since: UnseenSince, after: string | null, limit: number): Promise<UnseenHosts>
  /**
   * Frees a host's slot as `releaseActivation` does, in whatever state the license is, if on the stored row the host
   * still `isUnseen`; else `kept`, as where it holds no slot. Of simultaneous calls one is `released`; a host that is
   * seen at the same time keeps its slot, or loses it and claims anew.
   */
  releaseUnseen(
    accountId: string,
    host: Pick<UnseenHost, 'licenseId' | 'hostId'>,
    since: UnseenSince,
    step: Step<'released'>,
  ): StepResult<{ kind: 'released'; license: License; activation: Activation } | { kind: 'kept' }>
}

/** A host that was not seen for long. */
export interface UnseenHost {
  readonly accountId: string
  readonly licenseId: string
  /** The first of the license's products. */
  readonly productId: string
  readonly hostId: string
  readonly lastSeenAt: Date
}

interface UnseenHosts {
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
  /** Makes the step happen once, however often it is asked for. */
  readonly idempotency?: Idempotency
}

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
export type StepResult<O extends { readonly kind: string }> = Promise<
  Replayable<O> | { readonly kind: 'idempotency-mismatch' }
>

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

/** `foreign`: the key exists in another account. With a `productId` a foreign license is `gone` instead. */
export type Missing = { readonly kind: 'gone' } | { readonly kind: 'foreign' }

export interface ProductChanges {
  readonly name?: string
  readonly active?: boolean
  readonly offlineLifetimeSeconds?: number
  readonly graceSeconds?: number
  readonly entitlements?: readonly string[]
  readonly requireProof?: boolean
  readonly selfService?: boolean
  readonly trialSeconds?: number | null
}

export interface ProductVersionChanges {
  readonly version?: string
  readonly description?: string | null
  readonly active?: boolean
}

export interface WebhookEndpointChanges {
  readonly url?: string
  readonly eventTypes?: WebhookEndpoint['eventTypes']
  readonly active?: boolean
}

/** A trial that a host asks for. */
interface StartTrial {
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
