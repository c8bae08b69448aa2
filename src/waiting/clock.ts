/** Time for everything that runs in the background. The wall clock is not part of it: that is the option `now`. */
export interface Clock {
  /** Milliseconds from an arbitrary start, never set back. On most systems it stands still while the computer sleeps. */
  readonly monotonicMs: () => number
  /** Runs a function once after the delay. The timer does not keep the process alive. Returns a function that cancels it. */
  readonly startTimer: (run: () => void, delayMs: number) => () => void
}

export const SYSTEM_CLOCK: Clock = {
  monotonicMs: () => performance.now(),
  startTimer(run, delayMs) {
    const timer = setTimeout(run, delayMs)
    timer.unref()
    return () => clearTimeout(timer)
  },
}
