import type { Activation } from '../../domain/activation'
import type { Customer } from '../../domain/customer'
import { isSoldFor, type License } from '../../domain/license'
import type { LicenseTarget } from '../../storage/verbs/store'
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
 * A license, its customer and its newest activations.
 * @throws {LicenseError} LICENSE_NOT_FOUND or, without a product, LICENSE_FOREIGN
 */
export async function describeLicense(
  context: ServiceContext,
  call: Call,
  target: LicenseTarget,
): Promise<LicenseDescription> {
  const { license, customer } = await findLicense(context, call, target)
  const page = await context.store.listActivations(call.accountId, license.id, { limit: MAX_LISTED_ACTIVATIONS })
  return { license, customer, activations: page.items }
}

/**
 * A license and its customer.
 * @throws {LicenseError} LICENSE_NOT_FOUND or, without a product, LICENSE_FOREIGN
 */
export async function findLicense(context: ServiceContext, call: Call, target: LicenseTarget) {
  const { store } = context
  const { productId } = target
  const [outcome, product] = await Promise.all([
    store.findLicense(call.accountId, target.canonicalKey),
    productId === undefined ? null : store.findProduct(call.accountId, productId),
  ])
  // Named with a product, a foreign license is not told apart from none.
  if (outcome.kind !== 'found') throw licenseMissing(productId === undefined ? outcome.kind : 'gone')
  if (productId !== undefined && !isSoldFor(outcome.license, product, call.accountId)) throw licenseMissing()
  return outcome
}
