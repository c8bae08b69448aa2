/** The counter of the instant that housekeeping has last believed, in Unix milliseconds. */
export const BELIEVED_AT = 'clock-believed'

/** The counter of the instant at which a clock was first seen that is far from the one believed; {@link NO_CLAIM} for none. */
export const CLAIMED_AT = 'clock-claimed'

export const NO_CLAIM = -1

const HOUR_MS = 3_600_000

/** A clock within a day and a half of the last believed instant is believed: housekeeping may be done once a day. */
const NEAR_MS = 36 * HOUR_MS

/** A clock further off is believed once it has gone on for so long. */
const STANDS_MS = 12 * HOUR_MS

/** What the store knows of the time. */
export interface KnownTime {
  readonly believedAt: number
  readonly claimedAt: number
}

export interface JudgedTime extends KnownTime {
  /** What has ended by then is over, whatever is wrong with the clock. */
  readonly until: number
  /** False where the clock is far from what was believed, and has not stood for long. */
  readonly isBelieved: boolean
}

/**
 * Judges a clock by which things are to be deleted for good. One that jumps, in whatever direction, is held to the last
 * instant that was believed, until it has gone on for 12 hours; a clock that comes back is believed at once.
 */
export function judgeTime(known: KnownTime, now: number): JudgedTime {
  const { claimedAt } = known
  const hasStood = claimedAt !== NO_CLAIM && now >= claimedAt + STANDS_MS
  const believedAt = hasStood && !isNear(known.believedAt, now) ? claimedAt : known.believedAt
  if (isNear(believedAt, now)) {
    // In steps of an hour: not every run writes.
    const moved = Math.abs(now - believedAt) < HOUR_MS ? believedAt : now
    return { until: now, isBelieved: true, believedAt: moved, claimedAt: NO_CLAIM }
  }
  const goesOn = claimedAt !== NO_CLAIM && now >= claimedAt && !hasStood
  return {
    until: Math.min(now, believedAt),
    isBelieved: false,
    believedAt,
    claimedAt: goesOn ? claimedAt : now,
  }
}

function isNear(believedAt: number, now: number): boolean {
  return Math.abs(now - believedAt) <= NEAR_MS
}
