import type { Clock } from '../../waiting/clock'
import type { ReadClocks } from '../host/system-clocks'

/** Both clocks at one moment, in milliseconds. */
interface Moment {
  readonly monotonic: number
  readonly uptime: number
}

/** Clocks that come apart by more than this: the computer has slept. */
const SLEEP_MS = 5_000

/** Measures time on a computer that may sleep. */
export interface Timepiece {
  /** Begins to measure. */
  start(): Stopwatch
}

export interface Stopwatch {
  /**
   * Milliseconds since the start, by the clock that says more: the monotonic one stands still during sleep, and an app's own
   * uptime may be set back. A time that is too long only means that a lease is renewed early.
   */
  elapsedMs(): number
  /** True when the uptime ran ahead of the monotonic clock since the start. */
  slept(): boolean
}

/** @param readClocks may read the app's own. When it throws, only the monotonic clock is used. */
export function createTimepiece(clock: Clock, readClocks: ReadClocks): Timepiece {
  function read(): Moment {
    try {
      return { monotonic: clock.monotonicMs(), uptime: readClocks().uptime * 1000 }
    } catch {
      return { monotonic: clock.monotonicMs(), uptime: Number.NaN }
    }
  }

  return {
    start() {
      const start = read()
      const since = () => {
        const { monotonic, uptime } = read()
        const awake = monotonic - start.monotonic
        // A clock that fails gives NaN, which counts as 0.
        return { awake, elapsed: Math.max(awake, uptime - start.uptime || 0) }
      }
      return {
        elapsedMs: () => since().elapsed,
        slept() {
          const { awake, elapsed } = since()
          return elapsed - awake > SLEEP_MS
        },
      }
    },
  }
}
