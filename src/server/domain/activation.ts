import { addDuration, earliest } from './calendar'
import type { License } from './license'

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
  /** The `jti` of every license token issued for this activation. */
  readonly jti: string
  readonly activatedAt: Date
  readonly lastSeenAt: Date
  /** When this host's own time runs out, for licenses with a duration per device; else null. */
  readonly expiresAt: Date | null
}

/** What the caller of a claim chooses; the storage step adds the rest. */
export type NewActivation = Pick<Activation, 'id' | 'hostId' | 'deviceTag' | 'address' | 'appVersion' | 'jti'>

/** Last-seen times are written at most this often, so that health checks are reads. */
export const LAST_SEEN_INTERVAL_MS = 300_000

/** The activation a successful claim makes at `now`. */
export function startActivation(license: License, activation: NewActivation, now: Date): Activation {
  const { activationDuration } = license
  return {
    ...activation,
    licenseId: license.id,
    activatedAt: now,
    lastSeenAt: now,
    // Never later than the license itself.
    expiresAt: activationDuration === null ? null : earliest(addDuration(now, activationDuration), license.expiresAt),
  }
}

/** True when the last-seen time is old enough to be written again. */
export function isLastSeenStale(activation: Activation, now: Date): boolean {
  return now.getTime() - activation.lastSeenAt.getTime() >= LAST_SEEN_INTERVAL_MS
}
