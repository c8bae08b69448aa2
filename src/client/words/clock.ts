/** Time for what runs by itself. The wall clock is the option `now`. */
export interface Clock {
  /** Milliseconds from an arbitrary start, never set back. On most systems it stands still while the computer sleeps. */
  readonly monotonicMs: () => number
  /** Runs once after the delay, never keeping the process alive for it. Returns how to cancel. */
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
