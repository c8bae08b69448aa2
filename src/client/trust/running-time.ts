import { CLOCK_TOLERANCE_SECONDS } from '../../protocol'
import type { Anchor, KnownTime, Reading } from './known-time'

/** Stands for the name of the boot where the clocks are the app's own: they have nothing to do with the system's. */
export const APP_CLOCKS = 'app'

/** Some systems work out the uptime from a wall clock of whole seconds. */
const UPTIME_SLACK_SECONDS = 5

/** A date is compared to the millisecond; sums of seconds are a little less. */
export function toMilliseconds(seconds: number): number {
  return Math.round(seconds * 1000) / 1000
}

/** When the computer has started, by the judged time. It stays the same within one boot. */
export function startOf({ time, uptime }: Anchor): number {
  return time - uptime
}

/**
 * The time by the uptime alone; minus infinity where that is another boot's for certain. Where the system names no boots it is
 * never too late on one computer: in another boot, more time has passed. So turning the clock back gains nothing.
 */
export function runningTime({ marks: { anchor } }: KnownTime, { uptime, boot }: Reading): number {
  if (anchor === undefined || anchor.boot !== boot || !(uptime > anchor.uptime - UPTIME_SLACK_SECONDS)) {
    return Number.NEGATIVE_INFINITY
  }
  return toMilliseconds(anchor.time + uptime - anchor.uptime)
}

/** A time that is behind a signed one, and that nobody has told, is no time to go on from. */
export function isOfThisBoot({ marks, startedAt }: KnownTime, reading: Reading, running: number): boolean {
  const { anchor, signed, told } = marks
  const { wall, uptime, boot } = reading
  if (anchor === undefined || running === Number.NEGATIVE_INFINITY || (isBehind(running, signed) && !told)) return false
  if (boot !== undefined && boot !== APP_CLOCKS) return true
  if (startedAt !== undefined && Math.abs(startOf(anchor) - startedAt) < 1) return true
  return Math.abs(wall - uptime - (anchor.wall - anchor.uptime)) <= CLOCK_TOLERANCE_SECONDS
}

/** False where a clock says nothing. */
export function isBehind(time: number, known: number): boolean {
  return time < known - CLOCK_TOLERANCE_SECONDS
}

/**
 * What `judgeClock` finds where there is nothing to find out and nothing to remember: the computer has not restarted since the
 * anchor, which is recent and not behind. Most checks need no more. Pure.
 */
export function timeSinceAnchor(known: KnownTime, reading: Reading): number | undefined {
  const { highestTimeSeen, marks } = known
  const { anchor, signed, told, behind } = marks
  const running = runningTime(known, reading)
  const top = told ? running : Math.max(highestTimeSeen, signed)
  const isRecent = anchor !== undefined && !isBehind(anchor.time, running) && !isBehind(running, top)
  return isRecent && !behind && isOfThisBoot(known, reading, running) ? Math.max(running, top) : undefined
}
