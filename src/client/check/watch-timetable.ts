import { growingPauseMs } from '../../waiting/growing-pause'
import type { LicenseCheck } from '../words/license-check'

/** The watch looks at least this often, to notice what other processes have done and that the computer has slept. */
export const LOOK_MS = 900_000

const SHORTEST_PAUSE_MS = 1_000
const FIRST_RETRY_MS = 60_000
const LONGEST_RETRY_MS = 3_600_000
/**
 * Hosts do not all renew at once: each renews at a moment of its own before `refreshAfter`, at most this part of the time
 * from `refreshAfter` to the token's end.
 */
const SPREAD = 0.1

/**
 * When this host renews, in milliseconds since 1970. Infinite when there is no license token.
 * @param share this host's own share of the spread, from 0 up to 1; it stays the same for one license token
 */
export function renewalTime({ refreshAfter, tokenExpiresAt }: LicenseCheck, share: number): number {
  if (refreshAfter === null) return Number.POSITIVE_INFINITY
  const spread = Math.max(0, tokenExpiresAt.getTime() - refreshAfter.getTime()) * SPREAD
  return refreshAfter.getTime() - spread * share
}

/** How long the watch waits for its next look: until a date in the check passes, and at most {@link LOOK_MS}. */
export function lookPauseMs(check: LicenseCheck, renewsAt: number, now: number): number {
  const instants = [check.tokenExpiresAt, check.graceEndsAt, check.expiresAt].map(
    (date) => date?.getTime() ?? Number.NaN,
  )
  const ahead = [renewsAt, ...instants].filter((instant) => instant > now).map((instant) => instant - now)
  return Math.max(SHORTEST_PAUSE_MS, Math.min(LOOK_MS, ...ahead))
}

/** After a no: 1, 2, 5 and 10 minutes, then each hour for a day, then each day. */
const AFTER_A_NO_MINUTES = [1, 2, 5, 10]
const HOURLY = 24

/**
 * How long the watch waits after a renewal that brought nothing: longer each time, and by up to a half less at random.
 * @param wasNo whether the server has answered, and said no or that it does not know this host
 */
export function retryPauseMs(failures: number, random: number, wasNo = false): number {
  const pause = wasNo ? pauseAfterNoMs(failures) : growingPauseMs(failures, FIRST_RETRY_MS, LONGEST_RETRY_MS)
  return pause * (0.5 + random / 2)
}

function pauseAfterNoMs(failures: number): number {
  const minutes = AFTER_A_NO_MINUTES[failures - 1]
  if (minutes !== undefined) return minutes * 60_000
  return failures <= AFTER_A_NO_MINUTES.length + HOURLY ? LONGEST_RETRY_MS : 24 * LONGEST_RETRY_MS
}

/** Whether the server has said no of late, or that it does not know this host. */
export function isNo({ status, lastContact }: LicenseCheck): boolean {
  return status === 'revoked' || (lastContact !== null && UNKNOWN.includes(lastContact.code))
}

/** What a host hears that the server does not know; the last where it asked for a slot then. */
const UNKNOWN: readonly string[] = [
  'ACTIVATION_NOT_FOUND',
  'LICENSE_NOT_FOUND',
  'PROOF_REQUIRED',
  'ACTIVATION_LIMIT_REACHED',
]
