import type { Schedule } from '../../../src/server/events/dispatcher-options'

/** A clock that moves when told to, and the timers on it. */
export class ManualClock {
  private timers: { readonly at: number; readonly callback: () => void }[] = []

  constructor(private time: Date) {}

  readonly now = (): Date => new Date(this.time)

  readonly schedule: Schedule = (callback, delayMs) => {
    const timer = { at: this.time.getTime() + delayMs, callback }
    this.timers.push(timer)
    return () => {
      this.timers = this.timers.filter((other) => other !== timer)
    }
  }

  /** For how long the next timer sleeps; null when there is none. */
  get nextDelayMs(): number | null {
    if (this.timers.length === 0) return null
    return Math.min(...this.timers.map(({ at }) => at)) - this.time.getTime()
  }

  /** Lets time pass, and timers go off. */
  advance(milliseconds: number): void {
    this.time = new Date(this.time.getTime() + milliseconds)
    const due = this.timers.filter(({ at }) => at <= this.time.getTime())
    this.timers = this.timers.filter((timer) => !due.includes(timer))
    for (const { callback } of due) callback()
  }
}
