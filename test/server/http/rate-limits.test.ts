import type { LicensingOptions, RateLimitStore, RateLimits } from 'keyslot/server'
import { afterEach, describe, expect, it } from 'vitest'
import { importLicense, makeKey, named, UNKNOWN_KEY } from './actions'
import { type Fixture, type Mount, send, startFixture, type WireAnswer, type WireRequest } from './harness'

/** One trusted proxy, which says who asks. */
const BEHIND_PROXY: Mount = {
  name: 'behind a proxy',
  path: '/licensing',
  mount(app, { router }) {
    app.set('trust proxy', 1)
    app.use('/licensing', router)
  },
}
const DIRECT: Mount = { name: 'direct', path: '/licensing', mount: (app, { router }) => app.use('/licensing', router) }

let fixture: Fixture
afterEach(() => fixture.close())

const start = async (
  rateLimits: LicensingOptions['rateLimits'],
  more: Partial<LicensingOptions> = {},
  mount = BEHIND_PROXY,
) => {
  fixture = await startFixture(mount, { ...(rateLimits !== undefined && { rateLimits }), ...more })
}
const from = (address: string, method: string, path: string, request: WireRequest = {}) =>
  send(fixture.url, method, path, { ...request, headers: { 'X-Forwarded-For': address, ...request.headers } })

const validate = (address: string, licenseKey: string, token = fixture.publishable) =>
  from(address, 'POST', '/key/validate', { token, body: named(fixture, licenseKey, { hostId: 'host' }) })
const detail = (address: string, licenseKey: string, token = fixture.secret) =>
  from(address, 'GET', `/public/v1/key/${licenseKey}/detail`, { token })
const statuses = async (count: number, ask: (index: number) => Promise<WireAnswer>) => {
  const seen = []
  for (let index = 0; index < count; index++) seen.push((await ask(index)).status)
  return seen
}
const newKey = async () => (await fixture.licensing.licenses.create({ productId: fixture.productId })).key
/** Unknown, and different each time. */
const guess = (index: number) => `GUESS-${String(index).padStart(5, '0')}-BBBBB-CCCCC`

const A = '198.51.100.1'
const B = '198.51.100.2'

/** A refusal by a limit, in the shape of families A, B and D, or of AuthTool. */
function expectLimited(answer: WireAnswer, family: 'keymint' | 'authtool' = 'keymint'): void {
  const message = expect.any(String)
  expect(answer.status).toBe(429)
  expect(answer.body).toEqual(family === 'authtool' ? { message } : { message, code: 3 })
  const retryAfter = answer.headers.get('retry-after') ?? ''
  expect(retryAfter).toMatch(/^\d+$/)
  expect(Number(retryAfter)).toBeGreaterThanOrEqual(1)
  expect(Number(retryAfter)).toBeLessThanOrEqual(60)
}

describe('the limit per secret token', () => {
  it('counts every request of the token, from wherever, and no other token', async () => {
    await start({ perSecretToken: 3 })
    const key = await newKey()
    const scopes = ['licenses:read'] as const
    const other = await fixture.licensing.accessTokens.create({ name: 'other', kind: 'secret', scopes })
    expect(await statuses(3, (index) => detail(`198.51.100.${index}`, key))).toEqual([200, 200, 200])
    expectLimited(await detail(A, key), 'authtool')
    expectLimited(await validate(B, key, fixture.secret))
    expect((await detail(A, key, other.token)).status).toBe(200)
    expect((await validate(A, key)).status).toBe(200)
  })

  it('counts before the scope and the body', async () => {
    await start({ perSecretToken: 2 })
    const bad = { token: fixture.secret, rawBody: '{' }
    expect(await statuses(2, () => from(A, 'POST', '/key', bad))).toEqual([400, 400])
    expectLimited(await from(A, 'POST', '/key', bad))
  })
})

describe('the limit per publishable token and address', () => {
  it('locks one address out, and no other', async () => {
    await start({ perPublishableTokenAndAddress: 5 })
    const key = await newKey()
    expect(await statuses(5, () => validate(A, key))).toEqual([200, 200, 200, 200, 200])
    expectLimited(await validate(A, key))
    expectLimited(await validate(A, await newKey()))
    expect(await statuses(5, () => validate(B, key))).toEqual([200, 200, 200, 200, 200])
  })

  it('counts an IPv6 network as one address', async () => {
    await start({ perPublishableTokenAndAddress: 4 })
    const key = await newKey()
    const walk = (index: number) => validate(`2001:db8:7:7:${index.toString(16)}::${index}`, key)
    expect(await statuses(6, walk)).toEqual([200, 200, 200, 200, 429, 429])
    expect((await validate('2001:db8:8:7::1', key)).status).toBe(200)
  })

  it('takes an IPv4 address in IPv6 clothes as what it is', async () => {
    await start({ perPublishableTokenAndAddress: 2 })
    const key = await newKey()
    expect(await statuses(2, () => validate(A, key))).toEqual([200, 200])
    expectLimited(await validate(`::ffff:${A}`, key))
    expect((await validate(`::ffff:${B}`, key)).status).toBe(200)
  })
})

describe('the limit per license key', () => {
  it('counts requests with publishable tokens for that key, from wherever, and no other key', async () => {
    await start({ perLicenseKey: 3 })
    const [key, other] = [await newKey(), await newKey()]
    expect(await statuses(3, (index) => validate(`198.51.100.${index}`, key))).toEqual([200, 200, 200])
    expectLimited(await validate(A, key))
    expectLimited(await validate(B, ` ${key.toLowerCase()} `))
    expect((await validate(A, other)).status).toBe(200)
    expect((await validate(B, other)).status).toBe(200)
    expect((await validate(A, key, fixture.secret)).status).toBe(200)
  })

  it('of one vendor is none of the other’s', async () => {
    await start({ perLicenseKey: 2, wrongKeysPerAddress: 100 })
    const key = await newKey()
    const account = await fixture.licensing.createAccount({ name: 'rival' })
    const api = fixture.licensing.forAccount(account.id)
    const product = await api.products.create({ name: 'Rival' })
    const { token } = await api.accessTokens.create({
      name: 'app',
      kind: 'publishable',
      scopes: [],
      productIds: [product.id],
    })
    const body = { productId: product.id, licenseKey: key, hostId: 'host' }
    const probe = () => from(A, 'POST', '/key/validate', { token, body })
    expect(await statuses(3, probe)).toEqual([404, 404, 429])
    expect((await validate(A, key)).status).toBe(200)
  })
})

describe('the limit per address without a token', () => {
  it('counts requests whose token is refused, and then refuses all from there, before the token is looked at', async () => {
    await start({ unauthenticatedPerAddress: 3 })
    const key = await newKey()
    expect(await statuses(2, () => validate(A, key, 'at_nobody'))).toEqual([401, 401])
    expect((await from(A, 'GET', `/public/v1/key/${key}`)).status).toBe(401)
    expectLimited(await validate(A, key, 'at_nobody'))
    expectLimited(await detail(A, key, 'at_nobody'), 'authtool')
    expectLimited(await validate(A, key))
    expect((await validate(B, key)).status).toBe(200)
    expect((await from(A, 'GET', '/.well-known/jwks.json')).status).toBe(200)
    expect((await from(A, 'GET', '/healthz')).status).toBe(200)
  })

  it('does not count those with a token', async () => {
    await start({ unauthenticatedPerAddress: 1 })
    const key = await newKey()
    expect(await statuses(5, () => validate(A, key))).toEqual([200, 200, 200, 200, 200])
  })
})

describe('the limit on wrong license keys', () => {
  it('stops an address that guesses, by any family and kind of token, and no other', async () => {
    await start({ wrongKeysPerAddress: 4 })
    const key = await newKey()
    expect(await statuses(2, (index) => validate(A, guess(index)))).toEqual([404, 404])
    expect(await statuses(2, (index) => detail(A, guess(index)))).toEqual([404, 404])
    expectLimited(await validate(A, guess(5)))
    expectLimited(await detail(A, guess(6)), 'authtool')
    // Else the answer would tell a right guess from a wrong one.
    expectLimited(await validate(A, key))
    expect((await validate(B, key)).status).toBe(200)
    expect(
      (await from(A, 'POST', '/key', { token: fixture.secret, body: { productId: fixture.productId } })).status,
    ).toBe(200)
  })

  it('counts guesses at short, imported keys', async () => {
    await start({ wrongKeysPerAddress: 3 })
    await importLicense(fixture, 'A-1')
    expect((await validate(A, 'A-1')).status).toBe(200)
    expect(await statuses(3, (index) => validate(A, `A-${index + 2}`))).toEqual([400, 400, 400])
    expectLimited(await validate(A, 'A-1'))
  })

  it("counts another account's keys, which AuthTool tells from none", async () => {
    await start({ wrongKeysPerAddress: 2 })
    const key = await newKey()
    const account = await fixture.licensing.createAccount({ name: 'rival' })
    const { token } = await fixture.licensing
      .forAccount(account.id)
      .accessTokens.create({ name: 'all', kind: 'secret', scopes: ['licenses:read'] })
    expect(await statuses(3, () => detail(A, key, token))).toEqual([403, 403, 429])
  })

  it('is not spent by right keys and refusals of their state', async () => {
    await start({ wrongKeysPerAddress: 1 })
    const key = await newKey()
    await fixture.licensing.licenses.block(key)
    expect(await statuses(4, () => validate(A, key))).toEqual([200, 200, 200, 200])
  })
})

describe('an address', () => {
  it('is what X-Forwarded-For says only where the host app trusts its proxy', async () => {
    await start({ wrongKeysPerAddress: 3 }, {}, DIRECT)
    const rotating = (index: number) => validate(`198.51.100.${index}`, guess(index))
    expect(await statuses(5, rotating)).toEqual([404, 404, 404, 429, 429])
  })

  it('is that of the last hop behind one trusted proxy, whatever the client adds', async () => {
    await start({ wrongKeysPerAddress: 3 })
    const forging = (index: number) => validate(`198.51.100.${index}, ${A}`, guess(index))
    expect(await statuses(5, forging)).toEqual([404, 404, 404, 429, 429])
    expect((await validate(B, await newKey())).status).toBe(200)
  })

  it('that is none is one like all others that are none', async () => {
    await start({ wrongKeysPerAddress: 3 })
    const odd = (index: number) => validate(`nonsense-${index}`, guess(index))
    expect(await statuses(4, odd)).toEqual([404, 404, 404, 429])
  })
})

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
    { perSecretToken: 1.5 },
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
      'perLicenseKey 60000',
      'perPublishableTokenAndAddress 60000',
      'perSecretToken 60000',
      'unauthenticatedPerAddress 60000',
      'wrongKeysPerAddress 60000',
    ])
    expect(await statuses(3, (index) => validate(A, guess(index)))).toEqual([404, 404, 429])
    await fixture.close()
    expect(calls.filter((call) => call.endsWith('closed'))).toHaveLength(5)
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

  it('that fails is a server error, and nothing is answered past the limits', async () => {
    const failing = () => ({ ...recording(new Map()), increment: () => Promise.reject(new Error('redis is gone')) })
    await start({}, { rateLimitStore: failing })
    const answer = await validate(A, await newKey())
    expect({ status: answer.status, body: answer.body }).toEqual({
      status: 500,
      body: { message: 'Server error', code: 1 },
    })
    expect(fixture.logged).toHaveLength(1)
  })
})

describe('a request over its limit', () => {
  it('does nothing, and does not use its idempotency key up', async () => {
    await start({ perLicenseKey: 1, perPublishableTokenAndAddress: 100 })
    const key = await makeKey({ ...fixture, secret: fixture.secret })
    expect((await validate(A, key)).status).toBe(200)
    const request = {
      body: named(fixture, key, { hostId: 'host' }),
      headers: { 'Idempotency-Key': 'over the limit' },
    }
    expectLimited(await from(A, 'POST', '/key/activate', { token: fixture.publishable, ...request }))
    expect((await fixture.licensing.licenses.get(key)).license.activationCount).toBe(0)
  })
})
