import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { memoryRateLimitStore, type RateLimitHits } from '../../../src/server/http/rate-limit-store'

describe('rate limits counted in memory', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['performance'] })
    // lru-cache takes a start at 0 for none.
    vi.advanceTimersByTime(1)
  })
  afterEach(() => vi.useRealTimers())

  /** The hits of a key, and in how many seconds its window ends. */
  const counted = (hits: RateLimitHits | undefined) => {
    const left = (hits?.resetTime?.getTime() ?? Number.NaN) - performance.timeOrigin - performance.now()
    return [hits?.totalHits, Math.round(left / 1000)]
  }

  it('start a window with the first hit of a key, and the next with the first after its end', () => {
    const store = memoryRateLimitStore(60_000)
    expect(store.get('a')).toBeUndefined()
    expect(counted(store.increment('a'))).toEqual([1, 60])
    vi.advanceTimersByTime(59_000)
    expect(counted(store.increment('a'))).toEqual([2, 1])
    expect(counted(store.increment('b'))).toEqual([1, 60])
    expect(counted(store.get('a'))).toEqual([2, 1])
    vi.advanceTimersByTime(1_001)
    expect(store.get('a')).toBeUndefined()
    expect(counted(store.increment('a'))).toEqual([1, 60])
    expect(counted(store.get('b'))).toEqual([1, 59])
  })

  it('are taken back one by one, within the window, and never below none', () => {
    const store = memoryRateLimitStore(60_000)
    store.increment('a')
    vi.advanceTimersByTime(10_000)
    store.decrement('a')
    store.decrement('a')
    store.decrement('never seen')
    expect(counted(store.get('a'))).toEqual([0, 50])
    expect(store.get('never seen')).toBeUndefined()
  })

  it('of the key that was used longest ago are forgotten where there are too many keys', () => {
    const store = memoryRateLimitStore(60_000, 3)
    for (const key of ['cold', 'cool', 'hot']) store.increment(key)
    for (let index = 0; index < 100; index++) {
      store.increment(`flood ${index}`)
      store.increment('hot')
    }
    expect(store.get('hot')).toMatchObject({ totalHits: 101 })
    expect(store.get('cold')).toBeUndefined()
  })

  it('are forgotten at the end', () => {
    const store = memoryRateLimitStore(60_000)
    store.increment('a')
    store.shutdown()
    expect(store.get('a')).toBeUndefined()
  })
})
