import type { Activation, Release } from '../../domain/activation'
import type { License } from '../../domain/license'
import type { Product } from '../../domain/product'
import { LicenseError } from '../../protocol/license-error'
import type { ActivationTarget, FindActivationOutcome } from '../../storage/verbs/store'
import { requireAllowance } from './allowances'
import type { Call, ServiceContext } from './context'
import { releaseHost } from './deactivate'
import { licenseMissing } from './refusals'
import { MAX_DEVICES, maySlotChange } from './resting-slots'

/** What whoever holds a license key may see of it. */
export interface DeviceList {
  readonly license: License
  /** Those that hold a slot, the newest first, at most 1,000. */
  readonly devices: readonly Activation[]
}

/** No host is called so: hosts have at least one character. */
const NO_HOST = ''

/**
 * The devices of a license.
 *
 * @throws {LicenseError} LICENSE_NOT_FOUND when the account has no such license for this product
 * @throws {LicenseError} INSUFFICIENT_PERMISSIONS when an app asks and the product allows no self-service
 */
export async function listDevices(context: ServiceContext, call: Call, target: ActivationTarget): Promise<DeviceList> {
  const found = await lookUp(context, call, target)
  if (found.kind !== 'found') throw licenseMissing()
  requireSelfService(call, found.product)
  return { license: found.license, devices: await devicesOf(context, call, found.license) }
}

/**
 * Frees a device's slot for whoever holds the license key, the host itself not asked.
 *
 * @throws {LicenseError} LICENSE_NOT_FOUND, LICENSE_BLOCKED
 * @throws {LicenseError} ACTIVATION_NOT_FOUND when the license has no such device, or it has given its slot up
 * @throws {LicenseError} INSUFFICIENT_PERMISSIONS when an app asks and the product allows no self-service
 * @throws {LicenseError} RATE_LIMITED when too many were freed
 */
export async function freeDevice(
  context: ServiceContext,
  call: Call,
  { device, ...target }: ActivationTarget & { readonly device: string },
): Promise<void> {
  const now = context.now()
  const found = await lookUp(context, call, target)
  const named = found.kind === 'found' ? await findDevice(context, call, found, device) : undefined
  const freed = found.kind === 'found' && named !== undefined ? await planFreeing(context, call, found, named, now) : {}
  const data = call.proof.trusted === true ? {} : { selfService: true }
  // Without a device too: the step knows whether this very call has freed it before.
  await releaseHost(context, call, { ...target, hostId: named?.hostId ?? NO_HOST }, freed, data, now)
}

/**
 * The device of this name that holds a slot. One that has given it up is the vendor's alone to find.
 * @throws {LicenseError} INSUFFICIENT_PERMISSIONS when an app asks and the product allows no self-service
 */
export async function findDevice(
  context: ServiceContext,
  call: Call,
  { license, product }: { readonly license: License; readonly product: Product },
  device: string,
): Promise<Activation | undefined> {
  requireSelfService(call, product)
  const named = (await devicesOf(context, call, license)).find(({ id }) => id === device)
  return named?.surrenderedAt === null || call.proof.trusted === true ? named : undefined
}

/**
 * Lets a device be freed, or replaced, by whoever holds the license key. The unit is the `jti`: one and the same
 * activation may be handed on from device to device.
 * @throws {LicenseError} RATE_LIMITED when that was done too often
 */
export async function spendFreeing(
  context: ServiceContext,
  call: Call,
  license: License,
  { jti }: Activation,
  now: Date,
): Promise<void> {
  const allowance = context.seats.frees
  await requireAllowance(context, call, { licenseId: license.id, allowance, unit: jti }, now)
}

async function planFreeing(
  context: ServiceContext,
  call: Call,
  { license }: { readonly license: License },
  device: Activation,
  now: Date,
): Promise<Release> {
  if (call.proof.trusted === true) return call.proof
  // The license key stands for the device's own. A slot that rests is refused all the same, should it do so by now.
  const release = { proofKey: device.proofKey }
  if (license.blocked) return release
  await spendFreeing(context, call, license, device, now)
  return (await maySlotChange(context, call, license, device, now)) ? release : { ...release, surrender: true }
}

function requireSelfService(call: Call, product: Product): void {
  if (product.selfService || call.proof.trusted === true) return
  throw new LicenseError('INSUFFICIENT_PERMISSIONS', 'The product allows no self-service')
}

function lookUp(
  { store }: ServiceContext,
  call: Call,
  { canonicalKey, productId }: ActivationTarget,
): Promise<FindActivationOutcome> {
  return store.findActivation(call.accountId, { canonicalKey, productId, hostId: NO_HOST })
}

async function devicesOf({ store }: ServiceContext, call: Call, license: License): Promise<readonly Activation[]> {
  return (await store.listActivations(call.accountId, license.id, { limit: MAX_DEVICES })).items
}
