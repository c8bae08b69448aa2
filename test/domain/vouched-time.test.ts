import { describe, expect, it } from 'vitest'
import { judgeTime, type KnownTime, NO_CLAIM } from '../../src/domain/vouched-time'

const HOUR = 3_600_000
const NOW = Date.UTC(2026, 5, 15)
const YEAR = 365 * 24 * HOUR

/** What is known, and the clock, in milliseconds after {@link NOW}; what comes of it likewise. */
const CASES: readonly [string, believed: number, claimed: number | null, now: number, until: number, KnownAfter][] = [
  ['goes on', 0, null, HOUR - 1, HOUR - 1, [0, null]],
  ['goes on for an hour', 0, null, HOUR, HOUR, [HOUR, null]],
  ['went back by an hour', 0, null, -HOUR, -HOUR, [-HOUR, null]],
  ['is a day and a half ahead', 0, null, 36 * HOUR, 36 * HOUR, [36 * HOUR, null]],
  ['is further ahead', 0, null, 36 * HOUR + 1, 0, [0, 36 * HOUR + 1]],
  ['is further behind', 0, null, -YEAR, -YEAR, [0, -YEAR]],
  ['stands ahead, not long enough', 0, YEAR, YEAR + 12 * HOUR - 1, 0, [0, YEAR]],
  ['stands ahead', 0, YEAR, YEAR + 12 * HOUR, YEAR + 12 * HOUR, [YEAR + 12 * HOUR, null]],
  ['comes back', 0, YEAR, HOUR, HOUR, [HOUR, null]],
  ['comes back after the one ahead stood', YEAR, null, 0, 0, [YEAR, 0]],
  ['jumps again, behind the first jump', 0, YEAR, YEAR - HOUR, 0, [0, YEAR - HOUR]],
  ['jumps again, ahead of the first jump', 0, 48 * HOUR, YEAR, 48 * HOUR, [48 * HOUR, YEAR]],
  ['is looked at once a week', 0, 168 * HOUR, 336 * HOUR, 168 * HOUR, [168 * HOUR, 336 * HOUR]],
]

type KnownAfter = readonly [believed: number, claimed: number | null]

const known = (believed: number, claimed: number | null): KnownTime => ({
  believedAt: NOW + believed,
  claimedAt: claimed === null ? NO_CLAIM : NOW + claimed,
})

describe('a clock by which things are deleted', () => {
  it.each(CASES)('that %s', (_, believed, claimed, now, until, after) => {
    const { isBelieved: _believed, ...judged } = judgeTime(known(believed, claimed), NOW + now)
    expect(judged).toEqual({ until: NOW + until, ...known(...after) })
  })

  it('is not believed where nothing is known, until it has stood', () => {
    const nothing = { believedAt: 0, claimedAt: NO_CLAIM }
    const first = judgeTime(nothing, NOW)
    expect(first).toEqual({ until: 0, isBelieved: false, believedAt: 0, claimedAt: NOW })
    expect(judgeTime(first, NOW + 12 * HOUR)).toMatchObject({ until: NOW + 12 * HOUR, isBelieved: true })
  })
})
