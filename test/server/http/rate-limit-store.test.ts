import { MemoryStore } from 'express-rate-limit'
import { describe, expect, it, vi } from 'vitest'
import type { RateLimitStore } from '../../../src/server/http/rate-limit-store'
import { A, B, guess, start, statuses, validate } from './limited-service'

describe('a store of express-rate-limit', () => {
  it('counts, as the documentation promises', async () => {
    await start({ wrongKeysPerAddress: 2, unauthenticatedPerAddress: 2 }, { rateLimitStore: () => new MemoryStore() })
    expect(await statuses(3, (index) => validate(A, guess(index)))).toEqual([404, 404, 429])
    expect(await statuses(3, () => validate(B, guess(1), 'at_x'))).toEqual([401, 401, 429])
  })
})

/** What a store of the host app's may do instead of an answer. */
const FAULTS: Readonly<Record<string, () => never | Promise<never>>> = {
  throws() {
    throw new Error('no connection')
  },
  rejects: () => Promise.reject(new Error('no connection')),
  hangs: () => new Promise(() => {}),
}

describe.each(Object.entries(FAULTS))('a store that %s', (_, fault) => {
  it.each([false, true])(
    'is done without: requests are answered, and limited by this process (get: %s)',
    async (hasGet) => {
      const asked = vi.fn(fault)
      const warn = vi.fn()
      const store: RateLimitStore = { increment: asked, decrement: asked, ...(hasGet && { get: asked }) }
      const limits = { wrongKeysPerAddress: 2, unauthenticatedPerAddress: 2 }
      await start(limits, { rateLimitStore: () => store, logger: { warn, error: () => {} } })
      expect(await statuses(3, (index) => validate(A, guess(index)))).toEqual([404, 404, 429])
      expect(await statuses(3, () => validate(B, guess(1), 'at_x'))).toEqual([401, 401, 429])
      // Neither with each request nor with each limit: they share what is down.
      expect(asked).toHaveBeenCalledTimes(1)
      const told = warn.mock.calls.flat().filter((text) => text.includes('the store of rate limits does not answer'))
      expect(told).toHaveLength(1)
    },
  )
})
