import type { Clock } from '../../src/waiting/clock'

interface Timer {
  readonly dueMs: number
  readonly run: () => void
}

/** Time that moves only when told, for the wall clock, the monotonic one and the timers together. */
export class ManualClock implements Clock {
  /** How many timers run while everything rests: one for each session. */
  restingTimers = 1
  readonly #timers = new Set<Timer>()
  #elapsedMs = 0
  #wallMs: number
  #armed = () => {}
  readonly #onMove: (now: Date) => void

  /** @param onMove told of every new time, e.g. to set a server's clock */
  constructor(start: Date, onMove: (now: Date) => void = () => undefined) {
    this.#wallMs = start.getTime()
    this.#onMove = onMove
  }

  readonly now = (): Date => new Date(this.#wallMs)
  readonly monotonicMs = (): number => this.#elapsedMs

  readonly startTimer = (run: () => void, delayMs: number): (() => void) => {
    const timer = { dueMs: this.#elapsedMs + delayMs, run }
    this.#timers.add(timer)
    this.#armed()
    return () => this.#timers.delete(timer)
  }

  get timers(): number {
    return this.#timers.size
  }

  /** Lets time pass, waiting after each timer until what it began has set the next. */
  async elapse(seconds: number): Promise<void> {
    const end = this.#elapsedMs + seconds * 1000
    for (;;) {
      await this.#rest()
      const [next] = [...this.#timers].sort((a, b) => a.dueMs - b.dueMs)
      if (next === undefined || next.dueMs > end) break
      this.#timers.delete(next)
      this.#move(next.dueMs - this.#elapsedMs)
      next.run()
    }
    this.#move(end - this.#elapsedMs)
  }

  /** The computer sleeps: the monotonic clock and the timers stand still. */
  sleep(seconds: number): void {
    this.setWall(seconds)
    this.#onMove(this.now())
  }

  /** Somebody sets the wall clock. */
  setWall(seconds: number): void {
    this.#wallMs += seconds * 1000
  }

  #move(ms: number): void {
    this.#elapsedMs += Math.max(0, ms)
    this.#wallMs += Math.max(0, ms)
    this.#onMove(this.now())
  }

  async #rest(): Promise<void> {
    while (this.#timers.size < this.restingTimers) {
      await new Promise<void>((resolve) => {
        this.#armed = resolve
      })
    }
  }
}
