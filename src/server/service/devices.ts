import type { Activation } from '../../domain/activation'
import type { License } from '../../domain/license'
import { allowsSelfService, MAX_DEVICES } from '../../domain/license-device'
import { isCovered } from '../../domain/product-list'
import { lacksProof } from '../../domain/refuse-claim'
import type { ActivationTarget, DeviceOutcome } from '../../storage/verbs/store'
import { type Call, planEvent, planStep, type ServiceContext, settle } from './context'
import { planReleaseEvents, requireReleased } from './deactivate'
import { claimRefused, forbidden, licenseMissing, rateLimited, selfServiceMissing } from './refusals'

/** What whoever holds a license key may see of it. */
export interface DeviceList {
  readonly license: License
  /** Those that hold a slot, the newest first, at most 1,000. */
  readonly devices: readonly Activation[]
}

/** Names a device of a license. */
type DeviceTarget = ActivationTarget & { readonly device: string }

/** No host is called so: hosts have at least one character. */
const NO_HOST = ''

/**
 * The devices of a license.
 *
 * @throws {LicenseError} LICENSE_NOT_FOUND when the account has no such license for this product
 * @throws {LicenseError} INSUFFICIENT_PERMISSIONS when an app asks and the product allows no self-service, or the license is
 *   for a product too that the caller may not act on
 * @throws {LicenseError} PROOF_REQUIRED when the product asks for a key and none was shown
 */
export async function listDevices(
  { store, now, bigReads }: ServiceContext,
  call: Call,
  { canonicalKey, productId }: ActivationTarget,
): Promise<DeviceList> {
  const found = await store.findActivation(call.accountId, { canonicalKey, productId, hostId: NO_HOST })
  if (found.kind !== 'found') throw licenseMissing()
  const { license, product } = found
  if (!allowsSelfService(product, call.proof) || !isCovered(license, call.products)) throw selfServiceMissing()
  if (lacksProof(product, null, call.proof, now())) throw claimRefused('proof-required')
  const { items } = await bigReads(() => store.listActivations(call.accountId, license.id, { limit: MAX_DEVICES }))
  return { license, devices: items }
}

/**
 * Drops a user of a device for good: the tokens of that user are revoked, and the device's other users go on.
 *
 * @throws {LicenseError} as {@link freeDevice}; ACTIVATION_NOT_FOUND also when the device has no such user
 * @throws {LicenseError} INSUFFICIENT_PERMISSIONS also when a key of the device is shown that is not older than the user's
 */
export async function dropDeviceUser(
  context: ServiceContext,
  call: Call,
  { user, ...device }: DeviceTarget & { readonly user: string },
): Promise<void> {
  const now = context.now()
  const { productId } = device
  const data = { productId, ...(call.proof.trusted !== true && { selfService: true as const }) }
  const step = planStep(call, now, { dropped: [planEvent(context, call, now, 'license.deactivated', data)] })
  const target = { ...device, drops: user, ...call.proof, rules: context.seats }
  const outcome = await settle(call, context.store.dropDeviceUser(call.accountId, target, step))
  if (outcome.kind === 'older-user') throw forbidden()
  requireFreed(outcome, now)
}

/**
 * Frees a device's slot for whoever holds the license key, the host itself not asked.
 *
 * @throws {LicenseError} LICENSE_NOT_FOUND, LICENSE_BLOCKED
 * @throws {LicenseError} ACTIVATION_NOT_FOUND when the license has no such device, or it has given its slot up
 * @throws {LicenseError} INSUFFICIENT_PERMISSIONS when an app asks and the product allows no self-service, or the license is
 *   for a product too that the caller may not act on
 * @throws {LicenseError} PROOF_REQUIRED when the product asks for a key and none was shown
 * @throws {LicenseError} RATE_LIMITED when too many were freed
 */
export async function freeDevice(
  context: ServiceContext,
  call: Call,
  { canonicalKey, productId, device }: DeviceTarget,
): Promise<void> {
  const now = context.now()
  const data = { productId, ...(call.proof.trusted !== true && { selfService: true as const }) }
  const step = planStep(call, now, planReleaseEvents(context, call, data, now))
  const target = { canonicalKey, productId, device, ...call.proof, rules: context.seats }
  const outcome = await settle(call, context.store.releaseDevice(call.accountId, target, step))
  requireFreed(outcome, now)
}

function requireFreed(outcome: DeviceOutcome, now: Date): void {
  if (outcome.kind === 'no-self-service') throw selfServiceMissing()
  if (outcome.kind === 'rate-limited') throw rateLimited(outcome.retryAt, now)
  requireReleased(outcome)
}
