/**
 * For those who write a storage adapter: the contract, the rules and values its steps are made of, and the storage that
 * keeps everything in memory. Apps need nothing of it but `memoryStorage`, in tests.
 *
 * @packageDocumentation
 */
export type { AccessToken } from '../domain/access-token'
export type { Account } from '../domain/account'
export {
  type Activation,
  findHeld,
  isLastSeenStale,
  isUnseen,
  LAST_SEEN_INTERVAL_MS,
  type Licensee,
  type NewActivation,
  type Release,
  refuseRelease,
  seeActivation,
  startActivation,
  surrenderActivation,
  type Takeover,
  takeOver,
  takeoverOf,
  tokenId,
  type UnseenSince,
} from '../domain/activation'
export { type Allowance, type Spending, type SpendOutcome, spend } from '../domain/allowance'
export { addDuration, type CalendarDuration, type CalendarUnit } from '../domain/calendar'
export { type Customer, canonicalEmail } from '../domain/customer'
export { type Actor, type AuditEvent, EVENT_TYPES, type EventType, type PlannedEvent } from '../domain/event'
export { cleanableAt, isSoldFor, type License, type Metadata } from '../domain/license'
export { canonicalKey, type KeyFormat } from '../domain/license-key'
export type { Product } from '../domain/product'
export type { ProductVersion } from '../domain/product-version'
export { isProven, type Proof } from '../domain/proof'
export type { RandomBytes } from '../domain/random'
export { type ClaimRefusal, type ClaimRows, refuseClaim } from '../domain/refuse-claim'
export {
  type CheckoutRefusal,
  DEFAULT_SESSION_LEASE_SECONDS,
  extendSession,
  hasFreeSeat,
  isLive,
  type NewSession,
  refuseCheckout,
  resumeSession,
  type Session,
  startSession,
} from '../domain/session'
export {
  DELIVERED_KEPT_MS,
  deliveryId,
  type WebhookDelivery,
  type WebhookEndpoint,
  type WebhookSecret,
  wantsEvent,
} from '../domain/webhook'
export type { LicenseErrorCode } from '../protocol/error-codes'
export { isLicenseError, LicenseError, type LicenseErrorDetail } from '../protocol/license-error'
export { SCOPES, type Scope } from '../protocol/routes'
export {
  type ActivationRows,
  type ActivationTarget,
  type ClaimedDelivery,
  type ClaimOutcome,
  type ClaimSessionOutcome,
  CONTRACT_VERSION,
  type CustomerChanges,
  type DeliveryResult,
  type FindActivationOutcome,
  type FindLicenseOutcome,
  type FindSessionOutcome,
  type Idempotency,
  type InsertLicenses,
  type InsertLicensesOutcome,
  type LicenseChanges,
  type LicenseTarget,
  type Missing,
  type Page,
  type PageRequest,
  type ProductChanges,
  type ProductVersionChanges,
  type Purged,
  type ReleaseAllOutcome,
  type ReleaseOutcome,
  type Replay,
  type Replayable,
  type SessionRefusal,
  type SessionTarget,
  type Step,
  type StepResult,
  type Storage,
  type StorageCapabilities,
  type UnseenHost,
  type UnseenHosts,
  type WebhookEndpointChanges,
} from './contract'
export { memoryStorage } from './memory/index'
export { decodeOutcome, encodeOutcome } from './outcome-codec'
export {
  type ImportOutcome,
  RECORD_KINDS,
  type RecordBatch,
  type RecordKind,
  type StoreRecord,
  type StoreRecordOf,
} from './records'
