import type { Clock } from '../words/clock'

/** Both clocks at one moment, in milliseconds. */
interface Reading {
  readonly monotonic: number
  readonly wall: number
}

/** Further apart than this in one stretch, the clocks do not drift: the computer slept, or the wall clock was set. */
const SLEEP_MS = 5_000

/** Measures what passes while a computer may sleep. */
export interface Timepiece {
  /** Begins to measure. */
  start(): Stopwatch
}

export interface Stopwatch {
  /**
   * Milliseconds since the start, by whichever clock says more: the monotonic one stands still in sleep, and the wall
   * clock may be set back. Too much only means renewing early.
   */
  elapsedMs(): number
  /** True when the wall clock ran ahead of the monotonic one since the start. */
  slept(): boolean
}

/** @param now may be the app's own: where it throws, the monotonic clock serves alone */
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
        // NaN, where the wall clock fails, counts as nothing.
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
