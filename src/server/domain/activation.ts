import { CLOCK_TOLERANCE_SECONDS } from '../../protocol/license-token'
import { addDuration, earliest } from './calendar'
import type { License } from './license'
import type { Product } from './product'

/** A license in use on a host; takes an activation slot. */
export interface Activation {
  readonly id: string
  readonly licenseId: string
  readonly hostId: string
  readonly deviceTag: string | null
  /** The address the activation came from. */
  readonly address: string | null
  /** The app's version, as the app told it. */
  readonly appVersion: string | null
  /** Who uses it, as the app told it. */
  readonly licensee: Licensee | null
  /** What the `jti` of its license tokens begins with; see {@link tokenId}. */
  readonly jti: string
  /** Until when a license token issued for it can still be of use somewhere: so long its revocation is published. */
  readonly tokensEndAt: Date
  readonly activatedAt: Date
  readonly lastSeenAt: Date
  /** When this host's own time runs out, for licenses with a duration per device; else null. */
  readonly expiresAt: Date | null
}

/** The person or firm an app names when it activates. */
export interface Licensee {
  readonly name: string | null
  readonly email: string | null
}

/** What the caller of a claim chooses; the storage step adds the rest. */
export type NewActivation = Pick<
  Activation,
  'id' | 'hostId' | 'deviceTag' | 'address' | 'appVersion' | 'licensee' | 'jti'
>

/** Last-seen times are written at most this often, so that health checks are reads. */
export const LAST_SEEN_INTERVAL_MS = 300_000

/** The activation a successful claim makes at `now`. */
export function startActivation(license: License, product: Product, activation: NewActivation, now: Date): Activation {
  const { activationDuration } = license
  return {
    ...activation,
    licenseId: license.id,
    activatedAt: now,
    lastSeenAt: now,
    tokensEndAt: lastTokenUse(product, now),
    // Never later than the license itself.
    expiresAt: activationDuration === null ? null : earliest(addDuration(now, activationDuration), license.expiresAt),
  }
}

/** The activation of a host that was seen, and was given another license token, at `now`. */
export function seeActivation(activation: Activation, product: Product, now: Date): Activation {
  const { lastSeenAt, tokensEndAt } = activation
  return {
    ...activation,
    lastSeenAt: latest(lastSeenAt, now),
    tokensEndAt: latest(tokensEndAt, lastTokenUse(product, now)),
  }
}

/**
 * The `jti` of the license tokens issued for an activation. Every renewal carries the same one, so that a single entry
 * of the revocation list ends them all; blocking the license raises its generation, so that what is issued once it is
 * unblocked is not on the list.
 */
export function tokenId(license: Pick<License, 'tokenGeneration'>, activation: Pick<Activation, 'jti'>): string {
  return `${activation.jti}.${license.tokenGeneration}`
}

/** True when the last-seen time is old enough to be written again. */
export function isLastSeenStale(activation: Activation, now: Date): boolean {
  return now.getTime() - activation.lastSeenAt.getTime() >= LAST_SEEN_INTERVAL_MS
}

/** A token issued up to the next write of the last-seen time, used until the end of its grace by a slow clock. */
function lastTokenUse(product: Product, now: Date): Date {
  const seconds = product.offlineLifetimeSeconds + product.graceSeconds + CLOCK_TOLERANCE_SECONDS
  return new Date(now.getTime() + LAST_SEEN_INTERVAL_MS + seconds * 1000)
}

function latest(a: Date, b: Date): Date {
  return a < b ? b : a
}
