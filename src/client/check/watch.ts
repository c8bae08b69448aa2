import type { KitContext } from '../kit-context'
import { callListener } from '../words/call-listener'
import type { LicenseCheck } from '../words/license-check'
import { lookPauseMs, renewalTime, retryPauseMs } from './watch-timetable'

/** Follows the license while the app runs. */
export interface LicenseWatch {
  /** As found last. */
  readonly license: LicenseCheck
  /** Checks now, and renews where that is due: for when the computer wakes or is online again. Never throws. */
  look(): Promise<LicenseCheck>
  /** Ends it: nothing is renewed by itself any more, and the listener is told nothing. */
  stop(): void
}

/** A watch as the kit keeps it. */
export interface RunningWatch extends LicenseWatch {
  /** Checks again, since something was done with this kit. Never throws. */
  notice(): Promise<void>
}

export type ChangeListener = (license: LicenseCheck) => unknown

interface WatchParts extends Pick<KitContext, 'clock' | 'random'> {
  readonly now: () => Date
  readonly check: () => Promise<LicenseCheck>
  readonly refresh: () => Promise<LicenseCheck>
  readonly onStop: (watch: RunningWatch) => void
}

/** @param license as it stands */
export function startWatch(parts: WatchParts, license: LicenseCheck, onChange: ChangeListener): RunningWatch {
  const { clock, random, now, check, refresh, onStop } = parts
  let last = license
  let failures = 0
  /** By the monotonic clock. */
  let retryAt = Number.NEGATIVE_INFINITY
  /** Drawn anew for each license token. */
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
    const found = see(await check())
    const isDue = found.refreshDue || now().getTime() >= renewalTime(found, share)
    if (stopped || !isDue || (!isAsked && clock.monotonicMs() < retryAt)) return found
    const renewed = see(await refresh())
    failures =
      renewed.refreshDue || renewed.tokenExpiresAt?.getTime() === found.tokenExpiresAt?.getTime() ? failures + 1 : 0
    retryAt = failures === 0 ? Number.NEGATIVE_INFINITY : clock.monotonicMs() + retryPauseMs(failures, random())
    return renewed
  }

  function plan(): void {
    cancelTimer()
    if (stopped) return
    const renewsAt = failures === 0 ? renewalTime(last, share) : Number.POSITIVE_INFINITY
    const untilRetry = failures === 0 ? Number.POSITIVE_INFINITY : Math.max(0, retryAt - clock.monotonicMs())
    const pause = Math.min(lookPauseMs(last, renewsAt, now().getTime()), untilRetry)
    cancelTimer = clock.startTimer(() => void run(false), pause)
  }

  /** What goes wrong with the app's own clock or fetch is found again at the next look. */
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

/** Whether an app would show something else: a renewal alone is no news. */
function isChange(before: LicenseCheck, after: LicenseCheck): boolean {
  return shown(before) !== shown(after)
}

function shown({ status, reason, license, expiresAt, persisted }: LicenseCheck): string {
  return JSON.stringify([status, reason, license, expiresAt, persisted])
}
