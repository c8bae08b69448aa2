import { LRUCache } from 'lru-cache'

/**
 * Counts hits by key in windows of time. It is the interface of express-rate-limit's stores, so that any of them (Redis,
 * Memcached, PostgreSQL …) can be used where several processes share their limits.
 */
export interface RateLimitStore {
  init?(options: { readonly windowMs: number }): void
  get?(key: string): Promise<RateLimitHits | undefined> | RateLimitHits | undefined
  increment(key: string): Promise<RateLimitHits> | RateLimitHits
  decrement(key: string): Promise<void> | void
  shutdown?(): Promise<void> | void
}

export interface RateLimitHits {
  readonly totalHits: number
  readonly resetTime: Date | undefined
}

/**
 * How many keys one limit remembers at once, in at most 2.5 MB. A key that goes on being used is never the one that is
 * forgotten: for that, 20,000 other keys would have to come between two of its requests.
 */
const MAX_KEYS = 20_000

/**
 * Counts in the memory of this process. A window starts with the first hit of a key. Windows end by the monotonic clock,
 * so that a system clock that is set anew neither prolongs nor ends them.
 */
export function memoryRateLimitStore(windowMs: number, maxKeys = MAX_KEYS) {
  const totals = new LRUCache<string, number>({
    max: maxKeys,
    ttl: windowMs,
    noUpdateTTL: true,
    ttlResolution: 0,
    perf: { now: () => performance.now() },
  })
  const hitsOf = (key: string, totalHits: number): RateLimitHits => {
    const resetAt = performance.timeOrigin + performance.now() + totals.getRemainingTTL(key)
    return { totalHits, resetTime: new Date(resetAt) }
  }
  return {
    get(key: string) {
      const totalHits = totals.get(key)
      return totalHits === undefined ? undefined : hitsOf(key, totalHits)
    },
    increment(key: string) {
      const totalHits = (totals.get(key) ?? 0) + 1
      totals.set(key, totalHits)
      return hitsOf(key, totalHits)
    },
    decrement(key: string) {
      const totalHits = totals.get(key)
      if (totalHits !== undefined && totalHits > 0) totals.set(key, totalHits - 1)
    },
    shutdown: () => totals.clear(),
  } satisfies RateLimitStore
}
