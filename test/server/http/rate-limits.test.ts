import { describe, expect, it } from 'vitest'
import { importLicense, makeKey, named } from './actions'
import { createHostKey, type HostKey, sendAsApp } from './host-key'
import {
  A,
  B,
  DIRECT,
  detail,
  expectLimited,
  fixture,
  from,
  guess,
  newKey,
  start,
  statuses,
  validate,
} from './limited-service'

const activateBound = (address: string, licenseKey: string, host: HostKey) =>
  sendAsApp(fixture, '/key/activate', named(fixture, licenseKey, { hostId: 'bound' }), host, {
    headers: { 'X-Forwarded-For': address },
  })

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
  it('counts requests whose token is refused, and then limits those, but nobody who has a token', async () => {
    await start({ unauthenticatedPerAddress: 3 })
    const key = await newKey()
    expect(await statuses(2, () => validate(A, key, 'at_nobody'))).toEqual([401, 401])
    expect((await from(A, 'GET', `/public/v1/key/${key}`)).status).toBe(401)
    expectLimited(await validate(A, key, 'at_nobody'))
    expectLimited(await detail(A, key, 'at_nobody'), 'authtool')
    expect((await validate(A, key)).status).toBe(200)
    expect((await detail(A, key)).status).toBe(200)
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
  it('stops an address that guesses with a publishable token, and no other', async () => {
    await start({ wrongKeysPerAddress: 4 })
    const key = await newKey()
    expect(await statuses(4, (index) => validate(A, guess(index)))).toEqual([404, 404, 404, 404])
    expectLimited(await validate(A, guess(5)))
    // The vendor's own backend, behind that very address, goes on.
    expect((await detail(A, key)).status).toBe(200)
    expect((await detail(A, guess(6))).status).toBe(404)
    // Nobody guesses a key that keyslot made; one that was given, somebody might, and is told nothing of it.
    expect((await validate(A, key)).status).toBe(200)
    await importLicense(fixture, 'ACME-0001')
    expectLimited(await validate(A, 'ACME-0001'))
    expect((await validate(B, 'ACME-0001')).status).toBe(200)
    expect(
      (await from(A, 'POST', '/key', { token: fixture.secret, body: { productId: fixture.productId } })).status,
    ).toBe(200)
  })

  it('counts the wrong keys of a secret token by that token and address alone', async () => {
    await start({ wrongKeysPerSecretToken: 2 })
    const key = await newKey()
    expect(await statuses(2, (index) => detail(A, guess(index)))).toEqual([404, 404])
    expectLimited(await detail(A, guess(3)), 'authtool')
    expectLimited(await validate(A, guess(5), fixture.secret))
    expect((await detail(A, key)).status).toBe(200)
    expect((await detail(B, key)).status).toBe(200)
    expect((await validate(A, key)).status).toBe(200)
  })

  it('counts guesses at short, imported keys', async () => {
    await start({ wrongKeysPerAddress: 3 })
    await importLicense(fixture, 'A-1')
    expect((await validate(A, 'A-1')).status).toBe(200)
    expect(await statuses(3, (index) => validate(A, `A-${index + 2}`))).toEqual([400, 400, 400])
    expectLimited(await validate(A, 'A-1'))
  })

  it("counts another account's keys, which AuthTool tells from none", async () => {
    await start({ wrongKeysPerSecretToken: 2 })
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

describe('the limit on wrong license keys of all addresses', () => {
  it('guards what can be guessed, and nothing else', async () => {
    await start({ wrongKeysPerPublishableToken: 4 })
    const key = await newKey()
    await importLicense(fixture, 'ACME-0001')
    expect(await statuses(5, (index) => validate(`198.51.100.${index}`, guess(index)))).toEqual([
      404, 404, 404, 404, 429,
    ])
    expectLimited(await validate('203.0.113.9', 'ACME-0001'))
    expect((await validate('203.0.113.9', key)).status).toBe(200)
    expect((await detail(B, 'ACME-0001')).status).toBe(200)
  })

  it('lets a host go on that shows the proof key it is bound to, whatever the key', async () => {
    await start({ wrongKeysPerAddress: 2, perLicenseKey: 3 })
    await importLicense(fixture, 'ACME-0001')
    const host = createHostKey()
    expect((await activateBound(A, 'ACME-0001', host)).status).toBe(200)
    expect(await statuses(3, (index) => validate(A, guess(index)))).toEqual([404, 404, 429])
    expectLimited(await validate(A, 'ACME-0001'))
    expect((await activateBound(A, 'ACME-0001', host)).status).toBe(200)
    // Another key than the bound one is anybody's.
    expectLimited(await activateBound(A, 'ACME-0001', createHostKey()))
    expect(await statuses(2, (index) => validate(`198.51.100.${index}`, 'ACME-0001'))).toEqual([200, 429])
    expect((await activateBound(B, 'ACME-0001', host)).status).toBe(200)
  })
})

describe('the limit per license key and address', () => {
  it('stops one address with that key, and nobody elsewhere', async () => {
    await start({ perLicenseKeyAndAddress: 3 })
    const [key, other] = [await newKey(), await newKey()]
    expect(await statuses(4, () => validate(A, key))).toEqual([200, 200, 200, 429])
    expect((await validate(A, other)).status).toBe(200)
    expect((await validate(B, key)).status).toBe(200)
  })
})

describe('the limit on what is open to all', () => {
  it.each(['/.well-known/jwks.json', '/.well-known/revocations.jws', '/openapi.json'])(
    'counts requests for %s per address, and leaves those who watch and those with a token alone',
    async (path) => {
      await start({ openPerAddress: 3 })
      const key = await newKey()
      const get = (address: string) => fetch(`${fixture.url}${path}`, { headers: { 'X-Forwarded-For': address } })
      const seen = []
      for (let count = 0; count < 5; count++) seen.push((await get(A)).status)
      expect(seen).toEqual([200, 200, 200, 429, 429])
      expect((await get(B)).status).toBe(200)
      expect(await statuses(9, () => from(A, 'GET', '/healthz'))).toEqual(Array(9).fill(200))
      expect((await validate(A, key)).status).toBe(200)
    },
  )
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

describe('a request over its limit', () => {
  it('does nothing', async () => {
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
