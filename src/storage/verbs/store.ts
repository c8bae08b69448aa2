import type { AccountVerbs } from './account-contract'
import type { ActivationVerbs } from './activation-contract'
import type { CustomerVerbs } from './customer-contract'
import type { HousekeepingVerbs } from './housekeeping-contract'
import type { LicenseVerbs } from './license-contract'
import type { ProductVerbs } from './product-contract'
import type { SessionVerbs } from './session-contract'
import type { TransferVerbs } from './transfer-contract'
import type { TrialVerbs } from './trial-contract'
import type { WebhookVerbs } from './webhook-contract'

export type { CheckoutOutcome as ClaimSessionOutcome } from '../../domain/decide-checkout'
export type { ActivationRows, ClaimOutcome } from '../../domain/decide-claim'
export type { CustomerChanges } from '../../domain/decide-customer'
export type { DeliveryResult, TakenDelivery as ClaimedDelivery } from '../../domain/decide-delivery'
export type { SessionRefusal } from '../../domain/decide-heartbeat'
export type { InsertLicensesOutcome } from '../../domain/decide-license'
export type { DeviceOutcome, ReleaseAllOutcome, ReleaseOutcome } from '../../domain/decide-release'
export type { TrialOutcome } from '../../domain/decide-trial'
export type { ValidateOutcome } from '../../domain/decide-validate'
export type { LicenseChanges } from '../../domain/license'
export type {
  ActivationTarget,
  FindActivationOutcome,
  FindLicenseOutcome,
  FindSessionOutcome,
  FoundPage,
  Idempotency,
  InsertLicenses,
  LicenseTarget,
  Missing,
  Page,
  PageRequest,
  ProductVersionChanges,
  Purged,
  Replay,
  Replayable,
  SessionTarget,
  ShownOnce,
  Step,
  StepRefusal,
  StepResult,
  UnseenHost,
  WalkRequest,
  WebhookEndpointChanges,
} from './outcomes'
export type { Disabling } from './webhook-contract'

/**
 * What services ask of a store: a verb for each use case, in one step each. Whatever the database, a verb is one decision over
 * its rows (see `domain/decide-*.ts`).
 *
 * - **Accounts.** Every verb takes the account it acts for. An object of another account looks like a missing one,
 *   except where an outcome says `foreign`.
 * - **Errors.** Outcomes are values. STORAGE_UNAVAILABLE is thrown where the database cannot answer: it is unknown then
 *   whether the step happened, all of it or nothing. Anything else thrown is a fault, such as an id that is taken.
 */
export interface Store
  extends AccountVerbs,
    ProductVerbs,
    CustomerVerbs,
    LicenseVerbs,
    ActivationVerbs,
    TrialVerbs,
    SessionVerbs,
    WebhookVerbs,
    TransferVerbs,
    HousekeepingVerbs {
  /** Short name for messages, such as `sqlite`. */
  readonly name: string
  /** Connects, and brings the schema up to date; safe when several processes do so at once. Called before any other verb. */
  open(): Promise<void>
  /** Waits for steps under way, then lets go of everything. A second call does nothing. */
  close(): Promise<void>
  /** Resolves when the database answers. */
  ping(): Promise<void>
}
