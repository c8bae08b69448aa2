import type { RateLimitStore, RateLimits } from 'keyslot/server'
import { describe, expect, it } from 'vitest'
import { UNKNOWN_KEY } from './actions'
import { startFixture } from './harness'
import { A, B, DIRECT, expectLimited, fixture, guess, newKey, start, statuses, validate } from './limited-service'

describe('the option rateLimits', () => {
  it('by default lets an app and its server work', async () => {
    await start(undefined, { rateLimits: {} })
    const key = await newKey()
    expect(new Set(await statuses(150, () => validate(A, key)))).toEqual(new Set([200]))
    expect(await statuses(101, (index) => validate(A, guess(index)))).toEqual([...Array(100).fill(404), 429])
    expect((await validate(B, key)).status).toBe(200)
  })

  it('false switches all of them off', async () => {
    await start(false)
    expect(new Set(await statuses(150, (index) => validate(A, guess(index))))).toEqual(new Set([404]))
    expect(new Set(await statuses(310, () => validate(A, UNKNOWN_KEY, 'at_nobody')))).toEqual(new Set([401]))
  })

  it('undefined for one leaves its default', async () => {
    await start({ wrongKeysPerAddress: undefined, perLicenseKey: 1 } as unknown as Partial<RateLimits>)
    expect(await statuses(101, (index) => validate(A, guess(index)))).toEqual([...Array(100).fill(404), 429])
  })

  it.each([
    { perToken: 5 },
    { perSecretToken: 0 },
    { perSecretToken: -1 },
    { perSecretToken: Number.NaN },
    { perSecretToken: '5' },
  ])('refuses %j at start', async (rateLimits) => {
    await start(false)
    await expect(startFixture(DIRECT, { rateLimits: rateLimits as object })).rejects.toThrow(TypeError)
  })
})

describe('the option rateLimitStore', () => {
  /** A store in which everything that can be asked of one is written down. */
  const recording = (hits: Map<string, number>, resetTime?: Date, withGet = true): RateLimitStore => {
    const show = (key: string) => ({ totalHits: hits.get(key) ?? 0, resetTime })
    return {
      ...(withGet && { get: (key: string) => (hits.has(key) ? show(key) : undefined) }),
      increment(key) {
        hits.set(key, (hits.get(key) ?? 0) + 1)
        return show(key)
      },
      decrement: (key) => void hits.set(key, (hits.get(key) ?? 0) - 1),
    }
  }

  it('makes a store of its own for each limit, is told the window, and closed at the end', async () => {
    const calls: string[] = []
    await start(
      { wrongKeysPerAddress: 2 },
      {
        rateLimitStore: (name) => ({
          ...recording(new Map()),
          init: ({ windowMs }) => void calls.push(`${name} ${windowMs}`),
          shutdown: () => void calls.push(`${name} closed`),
        }),
      },
    )
    expect([...calls].sort()).toEqual([
      'changesPerAddress 3600000',
      'changesPerLicenseKey 3600000',
      'openPerAddress 60000',
      'perLicenseKey 60000',
      'perLicenseKeyAndAddress 60000',
      'perPublishableTokenAndAddress 60000',
      'perSecretToken 60000',
      'trialsPerAddress 86400000',
      'trialsPerProduct 86400000',
      'unauthenticatedPerAddress 60000',
      'wrongKeysPerAddress 60000',
      'wrongKeysPerPublishableToken 60000',
      'wrongKeysPerSecretToken 60000',
    ])
    expect(await statuses(3, (index) => validate(A, guess(index)))).toEqual([404, 404, 429])
    await fixture.close()
    expect(calls.filter((call) => call.endsWith('closed'))).toHaveLength(13)
    await start(false)
  })

  it('shares limits between instances', async () => {
    const shared = new Map<string, Map<string, number>>()
    const rateLimitStore = (name: string) => {
      const hits = shared.get(name) ?? new Map<string, number>()
      shared.set(name, hits)
      return recording(hits)
    }
    await start({ unauthenticatedPerAddress: 2 }, { rateLimitStore })
    expect(await statuses(3, () => validate(A, UNKNOWN_KEY, 'at_x'))).toEqual([401, 401, 429])
    await fixture.close()
    await start({ unauthenticatedPerAddress: 2 }, { rateLimitStore })
    expectLimited(await validate(A, UNKNOWN_KEY, 'at_x'))
    expect((await validate(B, UNKNOWN_KEY, 'at_x')).status).toBe(401)
  })

  it('need not be able to look without counting', async () => {
    await start({ unauthenticatedPerAddress: 2 }, { rateLimitStore: () => recording(new Map(), undefined, false) })
    expect(await statuses(4, () => validate(A, UNKNOWN_KEY, 'at_x'))).toEqual([401, 401, 429, 429])
  })

  it('may still show a window that is over, which locks nobody out', async () => {
    const over = new Date(Date.now() - 1000)
    await start({ unauthenticatedPerAddress: 2 }, { rateLimitStore: () => recording(new Map(), over) })
    expect(await statuses(4, () => validate(A, UNKNOWN_KEY, 'at_x'))).toEqual([401, 401, 401, 401])
  })
})
