import { withTimeout } from '../../waiting/with-timeout'
import type { memoryRateLimitStore, RateLimitHits, RateLimitStore } from './rate-limit-store'

/** How long a request waits for a store. */
const PATIENCE_MS = 500
/** How long a store that did not answer is left alone, so that not every request waits for it. */
const REST_MS = 10_000

/** Whether the stores of the host app's are left alone: they share what is behind them, and so what it fails by. */
export interface Outage {
  readonly isOn: () => boolean
  readonly begin: (error: unknown) => void
}

/** @param warn is told each time that a store stops to answer */
export function createOutage(warn: (message: string) => void): Outage {
  let until = 0
  const isOn = () => performance.now() < until
  return {
    isOn,
    begin(error) {
      if (!isOn()) {
        const why = error instanceof Error ? error.message : String(error)
        warn(`keyslot: the store of rate limits does not answer (${why}); this process counts for itself meanwhile`)
      }
      until = performance.now() + REST_MS
    },
  }
}

/**
 * A store that always answers: while the one that was given fails or hangs, hits are counted in this process alone, so that
 * neither requests wait nor limits are gone.
 *
 * @param given a store of the host app's
 * @param own counts meanwhile
 */
export function steadyRateLimitStore(
  given: RateLimitStore,
  own: ReturnType<typeof memoryRateLimitStore>,
  outage: Outage,
): RateLimitStore {
  async function ask<T>(theirs: () => Promise<T> | T, ours: () => T): Promise<T> {
    if (outage.isOn()) return ours()
    try {
      return await withTimeout(async () => theirs(), PATIENCE_MS)
    } catch (error) {
      outage.begin(error)
      return ours()
    }
  }

  const { get } = given
  return {
    init: (options) => given.init?.(options),
    ...(get && {
      get: (key) =>
        ask<RateLimitHits | undefined>(
          () => get.call(given, key),
          () => own.get(key),
        ),
    }),
    increment: (key) =>
      ask<RateLimitHits>(
        () => given.increment(key),
        () => own.increment(key),
      ),
    decrement: (key) =>
      ask<void>(
        () => given.decrement(key),
        () => own.decrement(key),
      ),
    async shutdown() {
      own.shutdown()
      await given.shutdown?.()
    },
  }
}
