import { MemoryStore } from 'express-rate-limit'
import { describe, expect, it } from 'vitest'
import { A, B, guess, start, statuses, validate } from './limited-service'

describe('a store of express-rate-limit', () => {
  it('counts, as the documentation promises', async () => {
    await start({ wrongKeysPerAddress: 2, unauthenticatedPerAddress: 2 }, { rateLimitStore: () => new MemoryStore() })
    expect(await statuses(3, (index) => validate(A, guess(index)))).toEqual([404, 404, 429])
    expect(await statuses(3, () => validate(B, guess(1), 'at_x'))).toEqual([401, 401, 429])
  })
})
