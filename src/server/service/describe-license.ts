import type { Activation } from '../../domain/activation'
import type { Customer } from '../../domain/customer'
import type { License } from '../../domain/license'
import type { LicenseTarget, Missing } from '../../storage/verbs/store'
import type { Call, ServiceContext } from './context'
import { licenseMissing } from './refusals'

/** A license with everything a vendor wants to see of it. */
export interface LicenseDescription {
  readonly license: License
  readonly customer: Customer | null
  /** The newest activations, at most 10 000. */
  readonly activations: readonly Activation[]
}

const MAX_LISTED_ACTIVATIONS = 10_000

/**
 * A license, its customer and its newest activations, as of one instant; activations behind the first 1,000 as of later ones.
 * @throws {LicenseError} LICENSE_NOT_FOUND or, without a product, LICENSE_FOREIGN; INSUFFICIENT_PERMISSIONS
 */
export async function describeLicense(
  context: ServiceContext,
  call: Call,
  target: LicenseTarget,
): Promise<LicenseDescription> {
  const found = await context.store.describeLicense(call.accountId, target, MAX_LISTED_ACTIVATIONS, call.products)
  return foundOf(target, found)
}

/**
 * The same of a license that is named by its id.
 * @throws {LicenseError} LICENSE_NOT_FOUND
 */
export async function describeLicenseById(
  context: ServiceContext,
  call: Call,
  licenseId: string,
): Promise<LicenseDescription> {
  const license = await context.store.findLicenseById(call.accountId, licenseId)
  if (license === null) throw licenseMissing()
  return describeLicense(context, call, license)
}

function foundOf<F extends { readonly kind: 'found' }>({ productId }: LicenseTarget, outcome: F | Missing): F {
  // Named with a product, a foreign license is not told apart from none.
  if (outcome.kind !== 'found')
    throw licenseMissing(productId !== undefined && outcome.kind === 'foreign' ? 'gone' : outcome.kind)
  return outcome
}
