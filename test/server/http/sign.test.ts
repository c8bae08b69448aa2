import { createHash, createPublicKey } from 'node:crypto'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import {
  activateHost,
  expectAnswer,
  expectMalformed,
  expectRefusal,
  importLicense,
  makeAuthtoolKey,
  makeKey,
  named,
  PLAIN_MOUNT,
  post,
  storedLicense,
} from './actions'
import { type Fixture, START, startFixture } from './harness'
import { verifyIndependently } from './independent-verifier'
import { isRevoked } from './revoked'

describe('POST /key/sign', () => {
  let fixture: Fixture

  beforeAll(async () => {
    fixture = await startFixture(PLAIN_MOUNT)
  })
  afterAll(() => fixture.close())
  afterEach(() => {
    fixture.clock.now = START
  })

  const sign = (licenseKey: string, fields: Record<string, unknown> = {}) =>
    post(fixture, '/key/sign', named(fixture, licenseKey, { hostId: 'host', ...fields }))
  const claimsOf = (answer: { body: { file: { licenseToken: string } } }) =>
    verifyIndependently(answer.body.file.licenseToken, fixture.licensing.jwks).claims
  const seconds = (instant: Date | string) => Math.floor(new Date(instant).getTime() / 1000)
  const slots = async (key: string) => (await storedLicense(fixture, key)).activationCount

  it('answers a license file, whose token verifies with node:crypto alone', async () => {
    const key = await makeKey(fixture, { newCustomer: { name: 'Ada' }, metadata: { a: 1 }, expiryDate: '2030-01-01' })
    const answer = await sign(key, { ttl: 3600 })
    const [jwk] = fixture.licensing.jwks.keys
    const der = createPublicKey({ key: { ...jwk }, format: 'jwk' }).export({ type: 'spki', format: 'der' })
    expectAnswer(answer, 200, {
      code: 0,
      file: {
        licenseToken: expect.any(String),
        signedKey: key,
        signedDate: START.toISOString(),
        keyId: createHash('sha256').update(der).digest('base64url'),
        publicKeyFingerprint: createHash('sha256').update(der).digest('hex'),
      },
    })
    const { header, claims } = verifyIndependently(answer.body.file.licenseToken, fixture.licensing.jwks)
    expect(header).toEqual({ alg: 'EdDSA', kid: answer.body.file.keyId, typ: 'JWT' })
    expect(claims).toMatchObject({
      iss: 'keyslot',
      aud: fixture.productId,
      productId: fixture.productId,
      sub: key,
      key,
      machine: 'host',
      type: 'offline',
      iat: seconds(START),
      nbf: seconds(START),
      exp: seconds(START) + 3600,
      license: { expiresAt: '2030-01-01T00:00:00.000Z', metadata: { a: 1 }, customerName: 'Ada' },
    })
  })

  it.each([
    ['the ttl, before the license', '2030-01-01', 86_400, '2026-06-16T12:00:00Z'],
    ['the license, before the ttl', '2026-06-20', 864_000, '2026-06-20T00:00:00Z'],
    ['the license, without a ttl', '2029-01-01', undefined, '2029-01-01T00:00:00Z'],
    ['the license, with a ttl of null', '2029-01-01', null, '2029-01-01T00:00:00Z'],
    ['the ttl, as text, of an endless license', null, '60', '2026-06-15T12:01:00Z'],
    ['a ttl of a century', null, 3_153_600_000, '2126-05-22T12:00:00Z'],
  ])('ends with %s', async (_, expiryDate, ttl, exp) => {
    const answer = await sign(await makeKey(fixture, { expiryDate }), { ttl })
    expect(answer.status).toBe(200)
    expect(claimsOf(answer).exp).toBe(seconds(exp))
  })

  it("ends with the activation's own time", async () => {
    const key = await makeAuthtoolKey(fixture, { activateCount: 2, endDate: '2030-01-01', duration: 2, unit: 'day' })
    expect(claimsOf(await sign(key)).exp).toBe(seconds('2026-06-17T12:00:00Z'))
  })

  it('needs a ttl for a license that never expires, and takes no slot without', async () => {
    const key = await makeKey(fixture, { expiryDate: null })
    for (const fields of [{}, { ttl: null }]) expectMalformed(await sign(key, fields), 'ttl')
    expect(await slots(key)).toBe(0)
  })

  it('takes one slot, the one activating takes', async () => {
    const key = await makeKey(fixture, { maxActivations: 1 })
    const first = await sign(key)
    expect((await sign(key, { ttl: 60 })).status).toBe(200)
    expect(await slots(key)).toBe(1)
    const activated = await activateHost(fixture, key, 'host')
    const { jti } = verifyIndependently(activated.body.licenseToken, fixture.licensing.jwks).claims
    expect(claimsOf(first).jti).toBe(jti)
    expectRefusal(await sign(key, { hostId: 'another' }), 403, 2, 'Activation limit reached')
    expect((await post(fixture, '/key/deactivate', named(fixture, key, { hostId: 'host' }))).status).toBe(200)
    expect((await sign(key, { hostId: 'another' })).status).toBe(200)
  })

  it('50 hosts at once for 3 slots: 3 files', async () => {
    const key = await makeKey(fixture, { maxActivations: 3 })
    const answers = await Promise.all(Array.from({ length: 50 }, (_, index) => sign(key, { hostId: `h${index}` })))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(3)
    expect(await slots(key)).toBe(3)
  })

  it.each([
    ['hostId', { hostId: null }, 'Missing required params'],
    ['hostId', { hostId: '' }, 'hostId'],
    ['hostId', { hostId: 5 }, 'hostId'],
    ['ttl', { ttl: 59 }, 'ttl'],
    ['ttl', { ttl: 60.5 }, 'ttl'],
    ['ttl', { ttl: 'long' }, 'ttl'],
    ['ttl', { ttl: 3_153_600_001 }, 'ttl'],
  ])('refuses %s in %j', async (_, fields, message) => {
    const key = await makeKey(fixture)
    expectMalformed(await sign(key, fields), message)
    expect(await slots(key)).toBe(0)
  })

  it('tells nothing of a key that is not of the product, with a ttl and without', async () => {
    const other = await fixture.licensing.products.create({ name: 'Other' })
    const { key } = await fixture.licensing.licenses.create({ productId: other.id })
    for (const ttl of [undefined, 60]) expectRefusal(await sign(key, { ttl }), 404, 1, 'Invalid license key')
  })

  it('takes short imported keys, and refuses short keys there are not', async () => {
    await importLicense(fixture, 'OLD-1')
    expect((await sign('old-1', { ttl: 60 })).status).toBe(200)
    expectMalformed(await sign('OLD-2', { ttl: 60 }), 'licenseKey')
  })

  it('lists a revoked file as long as it is good, which is longer than the product says', async () => {
    const key = await makeKey(fixture, { expiryDate: null })
    const { licenseToken } = (await sign(key, { ttl: 10 * 31_536_000 })).body.file
    await post(fixture, '/key/deactivate', named(fixture, key, { hostId: 'host' }))
    const revokedAt = (instant: string) => isRevoked(fixture, licenseToken, new Date(instant))
    expect(await revokedAt('2026-06-15T12:00:00Z')).toBe(true)
    // Ten years of 365 days, the grace of a week, and the tolerance of a slow clock.
    expect(await revokedAt('2036-06-19T12:04:59Z')).toBe(true)
    expect(await revokedAt('2036-06-19T12:05:01Z')).toBe(false)
  })
})
