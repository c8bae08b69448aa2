import { createKeyring, rotateKeyring } from 'keyslot/server'
import { memoryStorage } from 'keyslot/storage'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { activateHost, makeAuthtoolKey, makeKey, named, PLAIN_MOUNT, post } from './actions'
import { type Fixture, START, send, startFixture } from './harness'
import { verifyIndependently } from './independent-verifier'

const IAT = START.getTime() / 1000
const DAY = 86_400

describe('license tokens', () => {
  let fixture: Fixture

  beforeAll(async () => {
    fixture = await startFixture(PLAIN_MOUNT)
  })
  afterAll(() => fixture.close())
  afterEach(() => {
    fixture.clock.now = START
  })

  const verified = async (token: string) =>
    verifyIndependently(token, (await send(fixture.url, 'GET', '/.well-known/jwks.json')).body)
  const claimsOf = async (key: string, hostId = 'host', productId = fixture.productId) => {
    const { body } = await post(fixture, '/key/activate', { productId, licenseKey: key, hostId })
    return (await verified(body.licenseToken)).claims
  }

  it('carry exactly the claims of the protocol', async () => {
    const product = await fixture.licensing.products.create({
      name: 'Suite',
      offlineLifetimeSeconds: 3600,
      graceSeconds: 60,
      entitlements: ['export', 'sync'],
    })
    const { key } = await fixture.licensing.licenses.create({
      productId: product.id,
      customer: { name: 'Ada Lovelace', email: 'ada@example.com' },
      metadata: { edition: 'pro', ключ: ['é'] },
      expiresAt: new Date('2026-12-31T00:00:00.500Z'),
    })
    const body = { productId: product.id, licenseKey: key.toLowerCase(), hostId: 'h1.host' }
    const answer = await post(fixture, '/key/activate', body)
    const { header, claims } = await verified(answer.body.licenseToken)

    expect(header).toEqual({ alg: 'EdDSA', typ: 'JWT', kid: fixture.licensing.jwks.keys[0]?.kid })
    expect(claims).toEqual({
      iss: 'keyslot',
      aud: product.id,
      productId: product.id,
      sub: key,
      key,
      machine: 'h1.host',
      type: 'offline',
      jti: expect.stringMatching(/^\S{22,}$/),
      lid: expect.stringMatching(/^lic_/),
      stamp: IAT * 1000,
      ans: 1,
      iat: IAT,
      nbf: IAT,
      exp: IAT + 3600,
      license: {
        expiresAt: '2026-12-31T00:00:00.500Z',
        entitlements: ['export', 'sync'],
        metadata: { edition: 'pro', ключ: ['é'] },
        customerName: 'Ada Lovelace',
        refreshAfter: expect.any(Number),
        graceSeconds: 60,
      },
    })
    const { refreshAfter } = claims.license as { refreshAfter: number }
    expect(refreshAfter).toBeGreaterThan(IAT)
    expect(refreshAfter).toBeLessThan(IAT + 3600)
  })

  it('carry null for what a license has not', async () => {
    const claims = await claimsOf(await makeKey(fixture, { expiryDate: null }))
    expect(claims.license).toMatchObject({ expiresAt: null, entitlements: [], metadata: null, customerName: null })
  })

  it('are the same from every route', async () => {
    const key = await makeKey(fixture)
    const target = named(fixture, key, { hostId: 'host' })
    const current = (await post(fixture, '/key/activate', target)).body.licenseToken
    const v1 = (await post(fixture, '/activate-key', target)).body.license_token
    const validated = (await post(fixture, '/key/validate', target)).body.licenseToken
    expect(v1).toBe(current)
    expect(validated).toBe(current)
    expect((await verified(current)).claims).toMatchObject({ machine: 'host', key })
  })

  it.each([
    ['the offline lifetime', { expiryDate: null }, 14 * DAY, null],
    ['the license', { expiryDate: '2026-06-18T12:00:00Z' }, 3 * DAY, '2026-06-18T12:00:00.000Z'],
    [
      'the license, a millisecond later',
      { expiryDate: '2026-06-18T12:00:00.001Z' },
      3 * DAY,
      '2026-06-18T12:00:00.001Z',
    ],
    ['the license, beyond year 9999', { expiryDate: '+012025-06-15' }, 14 * DAY, '+012025-06-15T00:00:00.000Z'],
  ])('end with %s where that is earliest', async (_, fields, seconds, expiresAt) => {
    const claims = await claimsOf(await makeKey(fixture, fields))
    expect(claims).toMatchObject({ exp: IAT + seconds, license: { expiresAt } })
  })

  it('end with the activation where that is earliest', async () => {
    const key = await makeAuthtoolKey(fixture, { activateCount: 2, endDate: '2026-07-15', duration: 2, unit: 'day' })
    const claims = await claimsOf(key)
    expect(claims).toMatchObject({ exp: IAT + 2 * DAY, license: { expiresAt: '2026-06-17T12:00:00.000Z' } })
  })

  it('survive 9,999 years sold through AuthTool', async () => {
    const key = await makeAuthtoolKey(fixture, { duration: 9999, unit: 'year' })
    const claims = await claimsOf(key)
    expect(claims).toMatchObject({ exp: IAT + 14 * DAY, license: { expiresAt: '+012025-06-15T12:00:00.000Z' } })
    const { body } = await post(fixture, '/get-key', named(fixture, key))
    expect(body.data.license.expiration_date).toBe('+012025-06-15T12:00:00.000Z')
    const devices = await makeAuthtoolKey(fixture, {
      activateCount: 2,
      endDate: '+012025-01-01',
      duration: 9999,
      unit: 'year',
    })
    expect((await claimsOf(devices)).license).toMatchObject({ expiresAt: '+012025-01-01T00:00:00.000Z' })
  })

  it('name the activation: one jti as long as it lasts, another after it', async () => {
    const key = await makeKey(fixture, { maxActivations: 2 })
    const first = await claimsOf(key)
    fixture.clock.now = new Date(START.getTime() + 600_000)
    const renewed = await claimsOf(key)
    expect(renewed).toMatchObject({ jti: first.jti, iat: IAT + 600, exp: IAT + 600 + 14 * DAY })
    expect((await claimsOf(key, 'other')).jti).not.toBe(first.jti)

    await post(fixture, '/key/deactivate', named(fixture, key, { hostId: 'host' }))
    const second = await claimsOf(key)
    await send(fixture.url, 'PATCH', `/public/v1/key/${key}/reset`, { token: fixture.secret })
    const third = await claimsOf(key)
    expect(new Set([first.jti, second.jti, third.jti]).size).toBe(3)
  })

  it('are refused once anything in them is changed', async () => {
    const key = await makeKey(fixture)
    const token: string = (await activateHost(fixture, key, 'host')).body.licenseToken
    const { jwks } = fixture.licensing
    const keys = { keys: jwks.keys.map((jwk) => ({ ...jwk })) }
    expect(verifyIndependently(token, keys).claims.key).toBe(key)
    const [head = '', payload = '', signature = ''] = token.split('.')
    const forged = Buffer.from(Buffer.from(payload, 'base64url').toString('utf8').replace('"host"', '"mine"')).toString(
      'base64url',
    )
    expect(() => verifyIndependently(`${head}.${forged}.${signature}`, keys)).toThrow('signature')
    const stranger = createKeyring(START).current.publicJwk
    expect(() => verifyIndependently(token, { keys: [{ ...stranger }] })).toThrow('unknown key')
    const swapped = { keys: [{ ...stranger, kid: jwks.keys[0]?.kid }] }
    expect(() => verifyIndependently(token, swapped)).toThrow('unknown key')
  })
})

describe('options of license tokens', () => {
  it('issuer names who signs', async () => {
    const fixture = await startFixture(PLAIN_MOUNT, { issuer: 'https://licenses.example.com' })
    const { body } = await activateHost(fixture, await makeKey(fixture), 'host')
    const { claims } = verifyIndependently(body.licenseToken, {
      keys: fixture.licensing.jwks.keys.map((k) => ({ ...k })),
    })
    expect(claims.iss).toBe('https://licenses.example.com')
    await fixture.close()
  })

  it('a rotated keyring signs with its current key, and the retired one still verifies', async () => {
    const first = createKeyring(START)
    const before = await startFixture(PLAIN_MOUNT, { keyring: first, storage: memoryStorage() })
    const old = (await activateHost(before, await makeKey(before), 'host')).body.licenseToken
    await before.close()
    const rotated = rotateKeyring(first, START)
    const after = await startFixture(PLAIN_MOUNT, { keyring: rotated })
    const { body: jwks } = await send(after.url, 'GET', '/.well-known/jwks.json')
    const fresh = (await activateHost(after, await makeKey(after), 'host')).body.licenseToken
    expect(verifyIndependently(old, jwks).header.kid).toBe(first.current.kid)
    expect(verifyIndependently(fresh, jwks).header.kid).toBe(rotated.current.kid)
    await after.close()
  })
})
