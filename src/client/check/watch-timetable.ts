import type { LicenseCheck } from '../words/license-check'

/** A look at least this often notices what other processes of the app have done, and that the computer has slept. */
export const LOOK_MS = 900_000

const SHORTEST_PAUSE_MS = 1_000
const FIRST_RETRY_MS = 60_000
const LONGEST_RETRY_MS = 3_600_000
/** So much of the time from `refreshAfter` to the token's end, before it, hosts renew in: not all at once. */
const SPREAD = 0.1

/**
 * When this host renews, in milliseconds since 1970: before `refreshAfter`, by a share of its own. Infinite where there is
 * no license token.
 * @param share from 0 up to 1; the same for one license token
 */
export function renewalTime({ refreshAfter, tokenExpiresAt }: LicenseCheck, share: number): number {
  if (refreshAfter === null) return Number.POSITIVE_INFINITY
  const spread = Math.max(0, tokenExpiresAt.getTime() - refreshAfter.getTime()) * SPREAD
  return refreshAfter.getTime() - spread * share
}

/** How long until the next look: until something changes by itself, but not long enough to miss what others do. */
export function lookPauseMs(check: LicenseCheck, renewsAt: number, now: number): number {
  const instants = [check.tokenExpiresAt, check.graceEndsAt, check.expiresAt].map((date) => date?.getTime() ?? now)
  const ahead = [renewsAt, ...instants].filter((instant) => instant > now).map((instant) => instant - now)
  return Math.max(SHORTEST_PAUSE_MS, Math.min(LOOK_MS, ...ahead))
}

/** How long until the next try to renew: longer with every failure, spread over half the pause. */
export function retryPauseMs(failures: number, random: number): number {
  return Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** (failures - 1)) * (0.5 + random / 2)
}
