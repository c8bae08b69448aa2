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
  /** Its license tokens lie above this stamp: the last time that all of them were revoked. 0: never. */
  readonly stampFloor: number
  /**
   * The highest stamp by which tokens of one of its hosts, or of a key of one, were revoked. 0: never. No entry of a host is
   * above it.
   */
  readonly revokedStamp: number
  /** When the last token ends of hosts that were freed without an entry on the revocation list; null where there is none. */
  readonly unlistedTokensEndAt: Date | null
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
