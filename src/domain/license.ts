import type { LicenseType } from '../protocol/enumerations'
import { type CalendarDuration, instantAt, latest } from './calendar'
import type { Customer } from './customer'
import type { Product } from './product'
import { TRIAL_PREFIX } from './trial-key'

/** A JSON object a vendor attaches to a license. */
type Metadata = Readonly<Record<string, unknown>>

/** What the vendor sets of a license, and can change later. */
export interface LicenseTerms {
  /** Who holds it. Default nobody. */
  readonly customerId: string | null
  readonly type: LicenseType
  /** Activation limit, 1 to 9,999,999. Default null: unlimited. */
  readonly maxActivations: number | null
  /** When it ends. Default null: never. */
  readonly expiresAt: Date | null
  /** At most 4,096 bytes as JSON, 5 levels deep. Travels in the license token, where the app can read it. */
  readonly metadata: Metadata | null
  /** The hosts that may use it. Default null: any. */
  readonly allowedHosts: readonly string[] | null
  /** How many users a host may have, 1 to 32. Default null: as its product says. */
  readonly usersPerHost: number | null
  /** The product version it is tied to. Default null: none. */
  readonly versionId: string | null
  /**
   * What another system calls it, such as the id of an order: 1 to 256 characters. Several licenses may have the same. It stays
   * with the vendor: no app is told, no request over HTTP, no license token, and no webhook. Default null: none.
   */
  readonly externalId: string | null
  /** Floating licenses: seats that can be out at once. Default null: unlimited. */
  readonly maxConcurrentSessions: number | null
  /** Floating licenses: how often an app should show that it is there, at least 60. Default null: 300 (5 minutes). */
  readonly heartbeatIntervalSeconds: number | null
  /**
   * Floating licenses: how long a seat stays taken after the last sign of life, at least 300. Default null: 900
   * (15 minutes).
   */
  readonly sessionLeaseSeconds: number | null
}

/** What only a floating license has. */
export type SeatTerms = Pick<LicenseTerms, 'maxConcurrentSessions' | 'heartbeatIntervalSeconds' | 'sessionLeaseSeconds'>

/** What is given is changed; null clears; absent stays. */
export interface LicenseChanges extends Partial<LicenseTerms> {
  readonly blocked?: boolean
}

/** The right to use a product; named by its license key. */
export interface License extends LicenseTerms {
  readonly id: string
  readonly accountId: string
  /** The license key as it was made. */
  readonly key: string
  /** Its canonical form: what is matched, unique per installation. */
  readonly canonicalKey: string
  /** How many random bits the key was made with; null where it was given, as by an import, and may be easy to guess. */
  readonly keyBits: number | null
  /** The products it is for, in the order given; at least one. */
  readonly productIds: readonly string[]
  /** How many activations exist: a counter kept in the same step as the rows it counts. */
  readonly activationCount: number
  /** The length of time it was sold for, where it was sold so (AuthTool). */
  readonly soldFor: CalendarDuration | null
  /** How long each activation lasts on its host; null for as long as the license. */
  readonly activationDuration: CalendarDuration | null
  readonly blocked: boolean
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
  readonly createdAt: Date
  readonly updatedAt: Date
}

/** What names a license, and when it was made. */
type LicenseNames = 'id' | 'accountId' | 'key' | 'canonicalKey' | 'productIds' | 'createdAt' | 'updatedAt'

/** A license that is made without any terms, but for what names it. */
export const PLAIN_LICENSE: Omit<License, LicenseNames> = {
  keyBits: null,
  customerId: null,
  type: 'node-locked',
  maxActivations: null,
  activationCount: 0,
  expiresAt: null,
  soldFor: null,
  activationDuration: null,
  blocked: false,
  metadata: null,
  allowedHosts: null,
  versionId: null,
  externalId: null,
  resetCount: 0,
  stampFloor: 0,
  revokedStamp: 0,
  unlistedTokensEndAt: null,
  cleanable: false,
  usersPerHost: null,
  maxConcurrentSessions: null,
  heartbeatIntervalSeconds: null,
  sessionLeaseSeconds: null,
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

/** When the vendor last changed the license, or who holds it. */
export function changedAt(license: Pick<License, 'updatedAt'>, customer: Pick<Customer, 'updatedAt'> | null): Date {
  return customer === null ? license.updatedAt : latest(license.updatedAt, customer.updatedAt)
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
/** A trial is remembered so long after its end: a host that comes back later has another one. */
const TRIAL_KEPT_MS = 365 * 86_400_000

/** When a cleanable license, or a trial that nobody was sold, may be deleted; null for never. */
export function cleanableAt(
  license: Pick<License, 'cleanable' | 'expiresAt' | 'createdAt' | 'canonicalKey' | 'customerId' | 'metadata'>,
): Date | null {
  if (!license.cleanable) {
    const { expiresAt } = license
    return expiresAt === null || !isUnsoldTrial(license) ? null : instantAt(expiresAt.getTime() + TRIAL_KEPT_MS)
  }
  return license.expiresAt ?? instantAt(license.createdAt.getTime() + CLEANABLE_WITHOUT_EXPIRY_MS)
}

/** A trial that a host has started: as such keys are, and not changed into more since. */
function isUnsoldTrial({
  canonicalKey,
  customerId,
  metadata,
}: Pick<License, 'canonicalKey' | 'customerId' | 'metadata'>) {
  return canonicalKey.startsWith(TRIAL_PREFIX) && customerId === null && metadata?.trial === true
}
