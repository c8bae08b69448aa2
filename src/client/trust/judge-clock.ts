import type { ClockMarks, KnownTime, Reading } from './known-time'
import { isBehind, isOfThisBoot, runningTime, toMilliseconds } from './running-time'

/**
 * - `right`: nothing speaks against this time.
 * - `budget`: the clock is behind what it said itself, and the budget for that lasts.
 * - `spent`: the same, and the budget is spent.
 * - `behind-signed`: the clock is behind a signed time, and nobody has told how wrong it is.
 */
export type ClockState = 'right' | 'budget' | 'spent' | 'behind-signed'

/** The time, and what the host is to remember. */
export interface JudgedTime {
  readonly state: ClockState
  /** Unix seconds; NaN where the clocks say nothing. */
  readonly time: number
  readonly highestTimeSeen: number
  readonly marks: ClockMarks
}

const DAY = 86_400
const AGREEING_SECONDS = 2
const BEHIND_BOOT_SECONDS = 4 * 3_600
const LEAST_BUDGET_SECONDS = DAY
const LARGEST_BUDGET_SECONDS = 7 * DAY
/** A correction above this is of a clock that somebody will put right. */
const LARGEST_LASTING_CORRECTION_SECONDS = DAY

/**
 * Judges what time it is. Pure.
 *
 * Within one boot it is the time of the anchor and the uptime since: neither jumps nor drift of the wall clock matter. After
 * a restart the wall clock counts, with the last correction. Where that is behind what the own clock said before, the host
 * lives on a budget; where it is behind a signed time, too, time goes on from there. Without any correction, a time behind a
 * signed one is no time. A token that was signed for the request under way is not judged here: see `toldTime`.
 */
export function judgeClock(known: KnownTime, reading: Reading): JudgedTime {
  const { marks, highestTimeSeen, lifeSeconds, end } = known
  const { signed, told, behind, correction, spent = 0 } = marks
  const running = runningTime(known, reading)
  const isSameBoot = isOfThisBoot(known, reading, running)
  const isTold = isSameBoot && told
  const top = Math.max(highestTimeSeen, signed)
  const wall = wallTime(marks, reading.wall, top, end)
  // A clock that was behind as the computer started, and was put right since.
  const isMended = behind && !isBehind(wall, top) && wall < end
  const found = isSameBoot && !isMended ? running : Math.max(running, wall)

  const isLate = !isTold && isBehind(found, top)
  if (isLate && isBehind(found, signed) && correction === undefined) {
    return { state: 'behind-signed', time: found, highestTimeSeen, marks }
  }
  const time = isTold ? found : Math.max(found, isLate ? signed : top)
  const cost = isLate ? costOf(marks, reading, isSameBoot) : 0
  // What a clock says that says nothing (NaN) is forgotten.
  const seen = isLate ? highestTimeSeen : Math.min(Math.floor(time), end) || 0
  // A wall clock that ends the license may be far ahead. Nothing is built on that.
  const isKept = (isSameBoot || time < end) && !Number.isNaN(reading.wall + reading.uptime)
  const next = { anchor: { time, ...reading }, told: isTold, behind: isLate, spent: spent + cost }
  return {
    state: isLate ? (spent + cost > budgetSeconds(lifeSeconds) ? 'spent' : 'budget') : 'right',
    time,
    highestTimeSeen: isTold ? seen : Math.max(highestTimeSeen, seen),
    marks: isKept ? { ...marks, ...next } : marks,
  }
}

/**
 * What the host knows once the server has told the time, in a token signed for the request under way. It takes the place of
 * all that was known, also where that was later.
 *
 * @param signed the token's `iat`
 * @param reading the clocks as the answer came
 */
export function toldTime(signed: number, kid: string, reading: Reading) {
  const { wall } = reading
  // A token says whole seconds. A wall clock that agrees with it is as right.
  const time = Math.abs(signed - wall) < AGREEING_SECONDS ? wall : signed
  const marks = { signed, by: [kid], correction: time - wall, anchor: { time, ...reading }, told: true } as const
  return { highestTimeSeen: signed, marks }
}

/**
 * What the host knows once it has a text that was signed at that time, it knows not when: it is that late at least. What was
 * signed later than everything known gives the budget anew.
 */
export function signedTime(marks: ClockMarks, time: number, kid: string): ClockMarks {
  if (time <= marks.signed) return marks
  return { ...marks, spent: 0, signed: time, by: [...new Set([...marks.by, kid])] }
}

/** How long a host may be behind what its own clock said, in seconds. */
export function budgetSeconds(lifeSeconds: number): number {
  return Math.min(LARGEST_BUDGET_SECONDS, Math.max(LEAST_BUDGET_SECONDS, lifeSeconds / 10))
}

/**
 * The wall clock with the last correction. Without it where it was put right since: the corrected one is behind then, or years
 * ahead.
 */
function wallTime({ correction = 0 }: ClockMarks, wall: number, top: number, end: number): number {
  const corrected = toMilliseconds(wall + correction)
  if (isBehind(wall, top)) return corrected
  if (isBehind(corrected, top)) return wall < end ? wall : corrected
  return correction > LARGEST_LASTING_CORRECTION_SECONDS ? wall : corrected
}

/** What being behind costs since the anchor: each boot, and then the time that passes. */
function costOf({ anchor, behind }: ClockMarks, { uptime }: Reading, isSameBoot: boolean): number {
  if (!isSameBoot || anchor === undefined) return BEHIND_BOOT_SECONDS
  return behind ? Math.max(0, uptime - anchor.uptime) : 0
}
