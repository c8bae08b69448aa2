import type { LicenseTokenClaims } from '../../protocol'
import { isRecord, isTexts } from '../../protocol/json'
import type { ClockMarks, KnownTime } from '../trust/known-time'
import { graceEndOf } from '../trust/token-end'
import type { TrustStore } from '../trust/trust-store'
import type { CachedActivation } from './cache-record'

/** The times in an activation as the cache file holds it. */
export type StoredTimes = Pick<CachedActivation, 'clock' | 'highestTimeSeen'>

/** The latest instant that a `Date` can hold, Unix seconds. */
const LATEST = 8.64e12
const NO_ANCHOR = { time: 0, wall: 0, uptime: 0 }

/**
 * What a host knows of the time by the file of its license. Where a key that the marks come from is trusted no more, the
 * license token alone counts. So it does for a file that an earlier version has written, beside the highest time seen.
 *
 * @param trustStore undefined: the file is taken as it says
 */
export function knownTime(
  { clock, highestTimeSeen }: StoredTimes,
  claims: LicenseTokenClaims,
  trustStore?: TrustStore,
): KnownTime {
  const ofToken = { signed: Math.max(claims.iat, claims.nbf), by: [] }
  const stored = isClockMarks(clock) ? clock : undefined
  const isTrusted = trustStore === undefined || (stored?.by ?? []).every((kid) => trustStore.find(kid) !== undefined)
  return {
    marks: (isTrusted && stored) || ofToken,
    highestTimeSeen: isTrusted ? Math.min(highestTimeSeen, LATEST) : ofToken.signed,
    lifeSeconds: claims.exp - claims.iat,
    end: graceEndOf(claims),
  }
}

/** What the file alone says of the time, for what nobody gains by: its license token is not verified. */
export function storedTime({ clock, highestTimeSeen }: StoredTimes): KnownTime {
  const marks = isClockMarks(clock) ? clock : { signed: 0, by: [] }
  return { marks, highestTimeSeen: Math.min(highestTimeSeen, LATEST), lifeSeconds: 0, end: LATEST }
}

function isClockMarks(value: unknown): value is ClockMarks {
  if (!isRecord(value) || !isTexts(value.by)) return false
  const { signed, correction = 0, spent = 0, anchor = NO_ANCHOR } = value
  if (!isRecord(anchor)) return false
  return [signed, correction, spent, anchor.time, anchor.wall, anchor.uptime].every(isSeconds)
}

function isSeconds(value: unknown): boolean {
  return typeof value === 'number' && Math.abs(value) <= LATEST
}
