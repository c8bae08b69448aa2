import { setTimeout as sleep } from 'node:timers/promises'

/** Decides after each attempt whether another one follows. */
export interface RetryRules<T> {
  /**
   * Called when an attempt returned a value. Attempts count from 1.
   * @returns how long to wait before the next attempt, in milliseconds, 0 for no wait; undefined accepts the value.
   * Default: every value is accepted.
   */
  readonly afterValue?: (value: T, attempt: number) => number | undefined
  /**
   * Called when an attempt threw. Attempts count from 1.
   * @returns how long to wait before the next attempt, in milliseconds, 0 for no wait; undefined passes the error on.
   * Default: every error is passed on.
   */
  readonly afterError?: (error: unknown, attempt: number) => number | undefined
}

/**
 * Does work again and again, until the rules accept its value or pass its error on.
 *
 * @returns the value of the last attempt
 * @throws the error of the last attempt
 */
export async function retry<T>(work: () => T | Promise<T>, { afterValue, afterError }: RetryRules<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    let pauseMs: number | undefined
    try {
      const value = await work()
      pauseMs = afterValue?.(value, attempt)
      if (pauseMs === undefined) return value
    } catch (error) {
      pauseMs = afterError?.(error, attempt)
      if (pauseMs === undefined) throw error
    }
    if (pauseMs > 0) await sleep(pauseMs)
  }
}
