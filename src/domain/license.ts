import { type Activation, isProven, type Proof } from './activation'
import type { CalendarDuration } from './calendar'
import type { Customer } from './customer'
import type { Product } from './product'

/** A JSON object a vendor attaches to a license. */
export type Metadata = Readonly<Record<string, unknown>>

/** The right to use a product; named by its license key. */
export interface License {
  readonly id: string
  readonly accountId: string
  /** The license key as it was made. */
  readonly key: string
  /** Its canonical form: what is matched, unique per installation. */
  readonly canonicalKey: string
  /** The products it is for, in the order given; at least one. */
  readonly productIds: readonly string[]
  readonly customerId: string | null
  readonly type: 'node-locked' | 'floating'
  /** Activation limit; null for unlimited. */
  readonly maxActivations: number | null
  /** How many activations exist: a counter kept in the same step as the rows it counts. */
  readonly activationCount: number
  /** Null for never. */
  readonly expiresAt: Date | null
  /** The length of time it was sold for, where it was sold so (AuthTool). */
  readonly soldFor: CalendarDuration | null
  /** How long each activation lasts on its host; null for as long as the license. */
  readonly activationDuration: CalendarDuration | null
  readonly blocked: boolean
  readonly metadata: Metadata | null
  /** The hosts that may use it; null for any. */
  readonly allowedHosts: readonly string[] | null
  /** The product version it is tied to, if any. */
  readonly versionId: string | null
  readonly resetCount: number
  /** How often it was blocked: part of its license tokens' `jti`; see `tokenId`. */
  readonly tokenGeneration: number
  /** Deleted on its own once expired, or an hour after creation if it never expires. */
  readonly cleanable: boolean
  /** Floating licenses: seats that can be out at once; null for unlimited. */
  readonly maxConcurrentSessions: number | null
  readonly heartbeatIntervalSeconds: number | null
  readonly sessionLeaseSeconds: number | null
  readonly createdAt: Date
  readonly updatedAt: Date
}

/** Why a license does not serve, whatever the host. */
export type LicenseRefusal = 'blocked' | 'expired' | 'customer-inactive'

/** Why a claim of an activation slot is refused; `limit-reached` is the storage step's own to find. */
export type ClaimRefusal = LicenseRefusal | 'wrong-type' | 'host-not-allowed' | 'proof-required' | 'limit-reached'

/** The one place that says whether a license serves at an instant; undefined when it does. */
export function refuseLicense(
  license: Pick<License, 'blocked' | 'expiresAt'>,
  customer: Pick<Customer, 'active'> | null,
  now: Date,
): LicenseRefusal | undefined {
  if (license.blocked) return 'blocked'
  if (isExpired(license.expiresAt, now)) return 'expired'
  if (customer?.active === false) return 'customer-inactive'
  return undefined
}

/** What a claim is decided on: the stored rows, read inside the storage step. */
export interface ClaimRows {
  readonly license: License
  readonly product: Pick<Product, 'requireProof'>
  readonly customer: Customer | null
  /** This host's activation, or the one that would be moved to it: what `findHeld` finds. */
  readonly activation: Activation | null
}

/**
 * The rule of claiming an activation slot: why it is refused, or undefined. Call it inside the atomic step, on rows
 * read in that step: its answer holds only as long as they do.
 */
export function refuseClaim(
  rows: ClaimRows,
  claim: { readonly hostId: string } & Proof,
  now: Date,
): ClaimRefusal | undefined {
  const { license, product, customer, activation } = rows
  const refusal = refuseLicense(license, customer, now)
  if (refusal !== undefined) return refusal
  if (license.type !== 'node-locked') return 'wrong-type'
  if (!admitsHost(license, claim.hostId)) return 'host-not-allowed'
  if (lacksProof(product, activation, claim)) return 'proof-required'
  if (activation !== null) return isExpired(activation.expiresAt, now) ? 'expired' : undefined
  return hasFreeSlot(license) ? undefined : 'limit-reached'
}

/**
 * True where a key must be shown and none is: the product asks every app for one, or this host is bound to one. Another
 * key than that binds the host anew (`takeoverOf`), for a reinstall has lost the old one.
 */
export function lacksProof(
  product: Pick<Product, 'requireProof'>,
  activation: Pick<Activation, 'proofKey' | 'surrenderedAt'> | null,
  proof: Proof,
): boolean {
  if (proof.trusted === true || (proof.proofKey ?? null) !== null) return false
  return (
    product.requireProof || (activation !== null && activation.surrenderedAt === null && !isProven(activation, proof))
  )
}

export function admitsHost(license: Pick<License, 'allowedHosts'>, hostId: string): boolean {
  return license.allowedHosts?.includes(hostId) ?? true
}

export function hasFreeSlot(license: Pick<License, 'activationCount' | 'maxActivations'>): boolean {
  return license.maxActivations === null || license.activationCount < license.maxActivations
}

/** An instant is past its expiry from that very millisecond on. */
export function isExpired(expiresAt: Date | null, now: Date): boolean {
  return expiresAt !== null && expiresAt <= now
}

/** True when a license may be used with a product: active, of the same account, and among the license's own. */
export function isSoldFor(license: License, product: Product | null, accountId: string): product is Product {
  return product?.active === true && product.accountId === accountId && license.productIds.includes(product.id)
}

const CLEANABLE_WITHOUT_EXPIRY_MS = 3_600_000

/** When a cleanable license may be deleted; null for never. */
export function cleanableAt(license: Pick<License, 'cleanable' | 'expiresAt' | 'createdAt'>): Date | null {
  if (!license.cleanable) return null
  return license.expiresAt ?? new Date(license.createdAt.getTime() + CLEANABLE_WITHOUT_EXPIRY_MS)
}
