import type { Clock } from '../../waiting/clock'

/** Both clocks at one moment, in milliseconds. */
interface Reading {
  readonly monotonic: number
  readonly wall: number
}

/** Clocks that come apart by more than this do not drift: the computer has slept, or the wall clock was set. */
const SLEEP_MS = 5_000

/** Measures time on a computer that may sleep. */
export interface Timepiece {
  /** Begins to measure. */
  start(): Stopwatch
}

export interface Stopwatch {
  /**
   * Milliseconds since the start, by the clock that says more: the monotonic one stands still during sleep, and the wall
   * clock may be set back. A time that is too long only means that a lease is renewed early.
   */
  elapsedMs(): number
  /** True when the wall clock ran ahead of the monotonic one since the start. */
  slept(): boolean
}

/** @param now may be the app's own. When it throws, only the monotonic clock is used. */
export function createTimepiece(clock: Clock, now: () => Date): Timepiece {
  function read(): Reading {
    try {
      return { monotonic: clock.monotonicMs(), wall: now().getTime() }
    } catch {
      return { monotonic: clock.monotonicMs(), wall: Number.NaN }
    }
  }

  return {
    start() {
      const start = read()
      const since = () => {
        const { monotonic, wall } = read()
        const awake = monotonic - start.monotonic
        // A wall clock that fails gives NaN, which counts as 0.
        return { awake, elapsed: Math.max(awake, wall - start.wall || 0) }
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
