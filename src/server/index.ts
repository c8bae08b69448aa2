export type { LicenseErrorCode } from '../protocol/error-codes'
export type { JwkSet, PublicJwk } from '../protocol/jwk'
export { isLicenseError, LicenseError, type LicenseErrorDetail } from '../protocol/license-error'
export { SCOPES, type Scope } from '../protocol/routes'
export type { AccessTokensApi, AccountApi, CustomersApi, ProductsApi } from './api/account-api'
export type { CreatedLicense, CreateLicenseInput, LicensesApi } from './api/licenses'
export { createLicensing, type ErrorHandler, type Licensing, type Router } from './create-licensing'
export type { AccessToken } from './domain/access-token'
export type { Account } from './domain/account'
export {
  type Activation,
  isLastSeenStale,
  LAST_SEEN_INTERVAL_MS,
  type NewActivation,
  startActivation,
} from './domain/activation'
export { addDuration, type CalendarDuration, type CalendarUnit } from './domain/calendar'
export { type Customer, canonicalEmail } from './domain/customer'
export type { Actor, AuditEvent, EventType, PlannedEvent } from './domain/event'
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
export type { RandomBytes } from './domain/random'
export type { LicensingOptions, Logger } from './options'
export type { CreateAccessToken, CreatedAccessToken } from './service/access-tokens'
export type { CreateCustomer } from './service/customers'
export type { LicenseDescription } from './service/describe-license'
export type { CreateProduct } from './service/products'
export { createKeyring, type Keyring, rotateKeyring, type SigningKey } from './signing/keyring'
export { type KeyringSource, loadKeyring, rotateKeyringFile } from './signing/keyring-file'
export {
  type ActivationRows,
  type ActivationTarget,
  type ClaimOutcome,
  CONTRACT_VERSION,
  type CustomerChanges,
  type FindActivationOutcome,
  type FindLicenseOutcome,
  type Idempotency,
  type InsertLicenses,
  type InsertLicensesOutcome,
  type LicenseChanges,
  type LicenseTarget,
  type Missing,
  type Page,
  type PageRequest,
  type ProductChanges,
  type ReleaseAllOutcome,
  type ReleaseOutcome,
  type Replayable,
  type Step,
  type StepResult,
  type Storage,
  type StorageCapabilities,
} from './storage/contract'
export { memoryStorage } from './storage/memory/index'
export { decodeOutcome, encodeOutcome } from './storage/outcome-codec'
