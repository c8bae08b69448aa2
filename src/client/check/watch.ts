import type { KitContext } from '../kit-context'
import { callListener } from '../words/call-listener'
import type { LicenseCheck } from '../words/license-check'
import { mayMend, within } from './start'
import { isNo, lookPauseMs, renewalTime, retryPauseMs } from './watch-timetable'

/** Follows the license while the app runs. */
export interface LicenseWatch {
  /** The license as the watch found it last. */
  readonly license: LicenseCheck
  /** Checks now, and renews when that is due. Call it when the computer wakes or is online again. Never throws. */
  look(): Promise<LicenseCheck>
  /** Ends the watch: it renews nothing any more, and calls no listener. */
  stop(): void
}

/** A watch as the kit uses it. */
export interface RunningWatch extends LicenseWatch {
  /** Checks again, after an action of this kit may have changed the license. Never throws. */
  notice(): Promise<void>
}

export type ChangeListener = (license: LicenseCheck) => unknown

interface WatchParts extends Pick<KitContext, 'clock' | 'random'> {
  /** The time that checks judge by. It throws what the app's own clocks throw. */
  readonly nowMs: () => number
  readonly check: () => Promise<LicenseCheck>
  readonly refresh: () => Promise<LicenseCheck>
  readonly startTimeoutMs: number
  readonly onStop: (watch: RunningWatch) => void
}

/** @param license the result of a check just now */
export function startWatch(parts: WatchParts, license: LicenseCheck, onChange: ChangeListener): RunningWatch {
  const { clock, random, check, refresh, onStop, startTimeoutMs } = parts
  let last = license
  let failures = 0
  /** When a failed renewal is tried again, by the monotonic clock. */
  let retryAt = Number.NEGATIVE_INFINITY
  /** See `renewalTime`. Drawn again for each license token. */
  let share = random()
  let cancelTimer = () => {}
  let stopped = false

  function see(found: LicenseCheck): LicenseCheck {
    if (found.tokenExpiresAt?.getTime() !== last.tokenExpiresAt?.getTime()) share = random()
    const changed = isChange(last, found)
    last = found
    if (changed && !stopped) callListener(onChange, found, 'changes of the license')
    return found
  }

  async function look(isAsked: boolean): Promise<LicenseCheck> {
    const found = await check()
    // Of what contact may mend, nobody is told before it was tried.
    if (!stopped && mayMend(found) && isChange(last, found)) return await askFirst(found)
    see(found)
    const isDue = found.refreshDue || time() >= renewalTime(found, share)
    if (stopped || !isDue || (!isAsked && clock.monotonicMs() < retryAt)) return found
    const renewed = see(await refresh())
    count(found, renewed)
    return renewed
  }

  async function askFirst(found: LicenseCheck): Promise<LicenseCheck> {
    const refreshing = refresh()
    const renewed = await within(refreshing, startTimeoutMs)
    count(found, renewed ?? found)
    // An answer that comes later is news, too.
    if (renewed === undefined) void refreshing.then(see, () => undefined)
    return see(renewed ?? (await check().catch(() => found)))
  }

  /** NaN where the app's own `now` throws: then dates wait for the next look. */
  function time(): number {
    try {
      return parts.nowMs()
    } catch {
      return Number.NaN
    }
  }

  /** A no that is new starts the timetable anew: it may be a mistake that is mended in a minute. */
  function count(before: LicenseCheck, after: LicenseCheck): void {
    const isRenewed = !after.refreshDue && after.tokenExpiresAt?.getTime() !== before.tokenExpiresAt?.getTime()
    if (isRenewed) failures = 0
    else failures = isNo(after) && !isNo(before) ? 1 : failures + 1
    const pause = retryPauseMs(failures, random(), isNo(after))
    retryAt = isRenewed ? Number.NEGATIVE_INFINITY : clock.monotonicMs() + pause
  }

  function plan(): void {
    cancelTimer()
    if (stopped) return
    const renewsAt = failures === 0 ? renewalTime(last, share) : Number.POSITIVE_INFINITY
    const untilRetry = failures === 0 ? Number.POSITIVE_INFINITY : Math.max(0, retryAt - clock.monotonicMs())
    const pause = Math.min(lookPauseMs(last, renewsAt, time()), untilRetry)
    cancelTimer = clock.startTimer(() => void run(false), pause)
  }

  /** An error of the app's own `now` or `fetch` is not reported: the next look meets it again. */
  async function run(isAsked: boolean): Promise<LicenseCheck> {
    const found = await look(isAsked).catch(() => last)
    plan()
    return found
  }

  const watch: RunningWatch = {
    get license() {
      return last
    },
    look: () => run(true),
    async notice() {
      await check().then(see, () => undefined)
      plan()
    },
    stop() {
      stopped = true
      cancelTimer()
      onStop(watch)
    },
  }
  void run(false)
  return watch
}

/** Whether an app would show something else now. A renewal alone is no news. */
function isChange(before: LicenseCheck, after: LicenseCheck): boolean {
  return shown(before) !== shown(after)
}

function shown({ status, reason, license, expiresAt, persisted }: LicenseCheck): string {
  return JSON.stringify([status, reason, license, expiresAt, persisted])
}
