import { memoryRateLimitStore, type RateLimitHits, type RateLimitStore } from './rate-limit-store'
import { isLimitName, type LimitName, type RateLimits, WINDOWS_MS } from './rate-limits'
import { createOutage, steadyRateLimitStore } from './steady-rate-limit-store'

/** The windows of time that limits are counted in, by what they count by. */
export interface LimitWindows {
  /** Counts one. @returns until when that is more than the limit; undefined where it is not */
  hit(name: LimitName, key: string): Promise<Date | undefined>
  /** Until when the limit is reached; undefined where one more may come. Counts nothing. */
  fullUntil(name: LimitName, key: string): Promise<Date | undefined>
  close(): Promise<void>
}

/**
 * @param makeStore a store of its own for each limit, by name; undefined: in memory, one process each
 * @param warn is told when such a store stops to answer
 */
export function openWindows(
  limits: RateLimits,
  makeStore: ((name: LimitName) => RateLimitStore) | undefined,
  warn: (message: string) => void,
): LimitWindows {
  const outage = createOutage(warn)
  const stores = new Map(
    Object.keys(limits)
      .filter(isLimitName)
      .map((name) => {
        const windowMs = WINDOWS_MS[name]
        const own = memoryRateLimitStore(windowMs)
        const store: RateLimitStore = makeStore === undefined ? own : steadyRateLimitStore(makeStore(name), own, outage)
        store.init?.({ windowMs })
        return [name, store] as const
      }),
  )
  const storeOf = (name: LimitName) => stores.get(name) as RateLimitStore

  return {
    async hit(name, key) {
      const { totalHits, resetTime } = await storeOf(name).increment(key)
      return totalHits > limits[name] ? endOf(name, resetTime) : undefined
    },
    async fullUntil(name, key) {
      const hits = await look(storeOf(name), key)
      return hits === undefined || hits.totalHits < limits[name] ? undefined : endOf(name, hits.resetTime)
    },
    async close() {
      for (const store of stores.values()) await store.shutdown?.()
    },
  }
}

/** When a window ends: a whole one from now where a store does not tell. Undefined for one that is over, which stores may show. */
function endOf(name: LimitName, resetTime: Date | undefined): Date | undefined {
  const now = performance.timeOrigin + performance.now()
  if (resetTime === undefined) return new Date(now + WINDOWS_MS[name])
  return resetTime.getTime() > now ? resetTime : undefined
}

/** Stores need not be able to look without counting. */
async function look(store: RateLimitStore, key: string): Promise<RateLimitHits | undefined> {
  if (store.get !== undefined) return store.get(key)
  const { totalHits, resetTime } = await store.increment(key)
  await store.decrement(key)
  return { totalHits: totalHits - 1, resetTime }
}
