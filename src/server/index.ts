export type { LicenseErrorCode } from '../protocol/error-codes'
export type { JwkSet, PublicJwk } from '../protocol/jwk'
export { isLicenseError, LicenseError, type LicenseErrorDetail } from '../protocol/license-error'
export type { LicenseFile } from '../protocol/license-file'
export { SCOPES, type Scope } from '../protocol/routes'
export type { AccessTokensApi, AccountApi, CustomersApi, ProductsApi } from './api/account-api'
export type { CreatedLicense, CreateLicenseInput, FloatingTerms, LicensesApi, SignInput } from './api/licenses'
export type { EventsApi, WebhooksApi } from './api/webhooks'
export { createLicensing, type ErrorHandler, type Licensing, type Router } from './create-licensing'
export type { AccessToken } from './domain/access-token'
export type { Account } from './domain/account'
export {
  type Activation,
  findHeld,
  isLastSeenStale,
  isProven,
  isUnseen,
  LAST_SEEN_INTERVAL_MS,
  type Licensee,
  type NewActivation,
  type Proof,
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
} from './domain/activation'
export { type Allowance, type Spending, type SpendOutcome, spend } from './domain/allowance'
export { addDuration, type CalendarDuration, type CalendarUnit } from './domain/calendar'
export { type Customer, canonicalEmail } from './domain/customer'
export { type Actor, type AuditEvent, EVENT_TYPES, type EventType, type PlannedEvent } from './domain/event'
export {
  type ClaimRefusal,
  type ClaimRows,
  cleanableAt,
  isSoldFor,
  type License,
  type Metadata,
  refuseClaim,
} from './domain/license'
export { canonicalKey, type KeyFormat } from './domain/license-key'
export type { Product } from './domain/product'
export type { ProductVersion } from './domain/product-version'
export type { RandomBytes } from './domain/random'
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
} from './domain/session'
export {
  DELIVERED_KEPT_MS,
  deliveryId,
  type WebhookDelivery,
  type WebhookEndpoint,
  type WebhookSecret,
  wantsEvent,
} from './domain/webhook'
export type { EventListener } from './events/event-bus'
export type { DispatchReport } from './events/webhook-dispatcher'
export type { WebhookEvent } from './events/webhook-event'
export { type VerifyWebhookOptions, verifyWebhook } from './events/webhook-signature'
export type { Housekept } from './housekeeping'
export { DEFAULT_RATE_LIMITS, type RateLimitHits, type RateLimitStore, type RateLimits } from './http/rate-limit'
export type { LicensingOptions, Logger } from './options'
export type { SeatOptions } from './seat-options'
export type { CreateAccessToken, CreatedAccessToken } from './service/access-tokens'
export type { CreateCustomer } from './service/customers'
export type { LicenseDescription } from './service/describe-license'
export type { CreateProductVersion } from './service/product-versions'
export type { CreateProduct } from './service/products'
export type { CreateWebhook, WebhookChanges } from './service/webhooks'
export { createKeyring, type Keyring, revokeKey, rotateKeyring, type SigningKey } from './signing/keyring'
export { type KeyringSource, loadKeyring, revokeKeyInFile, rotateKeyringFile } from './signing/keyring-file'
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
} from './storage/contract'
export { memoryStorage } from './storage/memory/index'
export { decodeOutcome, encodeOutcome } from './storage/outcome-codec'
export {
  type ImportOutcome,
  RECORD_KINDS,
  type RecordBatch,
  type RecordKind,
  type StoreRecord,
  type StoreRecordOf,
} from './storage/records'
