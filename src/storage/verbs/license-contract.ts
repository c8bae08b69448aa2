import type { InsertLicensesOutcome } from '../../domain/decide-license'
import type { License, LicenseChanges } from '../../domain/license'
import type { LicenseFilter } from '../../domain/license-filter'
import type { ProductList } from '../../domain/product-list'
import type {
  ActivationTarget,
  DescribeLicenseOutcome,
  FindLicenseOutcome,
  FoundPage,
  InsertLicenses,
  LicenseTarget,
  Missing,
  PageRequest,
  Step,
  StepResult,
  WalkRequest,
} from './outcomes'

export interface LicenseVerbs {
  /**
   * Stores licenses, and a new customer of theirs, all or none. `version-not-found` unless the version they are tied to
   * `isAssignable`, if they are to one; `product-not-found` unless every product they are for is the account's and active.
   * `not-covered` where they are for a customer whom whoever asks may not see (see `maySeeCustomer`).
   */
  insertLicenses(accountId: string, input: InsertLicenses, step: Step<'created'>): StepResult<InsertLicensesOutcome>
  /** The license named by a canonical key, in whatever state. */
  findLicense(accountId: string, canonicalKey: string): Promise<FindLicenseOutcome>
  /** The account's license with this id, in whatever state; null where it has none. */
  findLicenseById(accountId: string, licenseId: string): Promise<License | null>
  /** The license whose key `looseKeyOf` says is read so; null where there is none, or several are. */
  findLicenseByLooseForm(accountId: string, looseForm: string): Promise<License | null>
  /**
   * A license with its customer and its newest activations, at most `devices` of them, as of one instant; those behind the
   * first 1,000 as of later ones. `gone` where the target names a product that the license is not sold for,
   * `not-covered` where it is for others than these products too.
   */
  describeLicense(
    accountId: string,
    target: LicenseTarget,
    devices: number,
    products?: ProductList,
  ): Promise<DescribeLicenseOutcome>
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
    | { kind: 'customer-not-found' | 'email-taken' }
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
  listLicenses(accountId: string, filter: LicenseFilter, page: PageRequest | WalkRequest): Promise<FoundPage<License>>
}
