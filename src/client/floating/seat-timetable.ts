import { growingPauseMs } from '../../waiting/growing-pause'
import type { SeatGrant } from './seat-requests'

/** A seat looks at the clocks at least this often, to notice that the computer has slept. */
export const WATCH_MS = 15_000

/** The network may need a moment after waking: for so long a lapsed seat is `at-risk` before it is `lost`. */
export const WAKE_PATIENCE_MS = 30_000

const SHORTEST_PAUSE_MS = 1_000
const FIRST_RETRY_MS = 2_000
const LONGEST_RETRY_MS = 60_000
const LONGEST_RETRY_AFTER_MS = 300_000
/** The `Date` header leaves out the fraction of its second. */
const DATE_PRECISION_MS = 1_000

/**
 * How long the lease lasts for certain. Only the server's clock counts when it is known, since this computer's clock may be
 * hours off.
 */
export function leaseMs({ expiresAt, serverTime, heartbeatIntervalMs }: SeatGrant, now: () => Date): number {
  if (serverTime !== undefined) return Math.max(0, expiresAt.getTime() - serverTime.getTime() - DATE_PRECISION_MS)
  return Math.max(heartbeatIntervalMs, expiresAt.getTime() - now().getTime())
}

/** How long a seat waits to renew: the server's interval, but at most half of the lease; at random up to a fifth less. */
export function renewalPauseMs(lease: number, { heartbeatIntervalMs }: SeatGrant, random: number): number {
  return Math.max(SHORTEST_PAUSE_MS, Math.min(heartbeatIntervalMs, lease / 2) * (1 - random / 5))
}

/** How long a seat waits after a failure: longer with each, at random up to half less, and as long as the server asks. */
export function retryPauseMs(failures: number, retryAfterMs: number, random: number): number {
  const pause = growingPauseMs(failures, FIRST_RETRY_MS, LONGEST_RETRY_MS) * (0.5 + random / 2)
  return Math.max(pause, Math.min(retryAfterMs, LONGEST_RETRY_AFTER_MS))
}
