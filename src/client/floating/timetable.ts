import type { SeatGrant } from './seat-requests'

/** A tick at least this often notices that the computer has slept. */
export const WATCH_MS = 15_000

/** After waking, the network may need a moment: so long a lapsed seat is `at-risk` before it counts as lost. */
export const WAKE_PATIENCE_MS = 30_000

const SHORTEST_PAUSE_MS = 1_000
const FIRST_RETRY_MS = 2_000
const LONGEST_RETRY_MS = 60_000
const LONGEST_RETRY_AFTER_MS = 300_000
/** The `Date` header leaves out the fraction of its second. */
const DATE_PRECISION_MS = 1_000

/**
 * How long the lease still is, as far as can be relied on. By the server's clock alone where that is known; this
 * computer's may be hours off.
 */
export function leaseMs({ expiresAt, serverTime, heartbeatIntervalMs }: SeatGrant, now: () => Date): number {
  if (serverTime !== undefined) return Math.max(0, expiresAt.getTime() - serverTime.getTime() - DATE_PRECISION_MS)
  return Math.max(heartbeatIntervalMs, expiresAt.getTime() - now().getTime())
}

/** When to renew: by the server's interval, but before half of the lease is over; earlier by up to a fifth at random. */
export function renewalPauseMs(lease: number, { heartbeatIntervalMs }: SeatGrant, random: number): number {
  return Math.max(SHORTEST_PAUSE_MS, Math.min(heartbeatIntervalMs, lease / 2) * (1 - random / 5))
}

/** When to try again: later with every failure, spread over half the pause, and not before the server asks. */
export function retryPauseMs(failures: number, retryAfterMs: number, random: number): number {
  const pause = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** (failures - 1)) * (0.5 + random / 2)
  return Math.max(pause, Math.min(retryAfterMs, LONGEST_RETRY_AFTER_MS))
}
