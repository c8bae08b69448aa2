import { createPublicKey, verify } from 'node:crypto'
import { revocationId } from 'keyslot/protocol'
import { createKeyring, rotateKeyring } from 'keyslot/server'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { activateHost, ask, expectRefusal, makeKey, named, PLAIN_MOUNT, post } from './actions'
import { faultyStorage } from './faulty-storage'
import { type Fixture, MOUNTS, send, startFixture } from './harness'
import { verifyIndependently } from './independent-verifier'
import { isRevoked } from './revoked'

const PATH = '/.well-known/revocations.jws'
const listOf = (productId: string) => `/.well-known/revocations/${productId}.jws`

interface RevocationList {
  readonly header: Record<string, unknown>
  readonly claims: {
    readonly iss: string
    readonly iat: number
    readonly product: string | null
    readonly entries: [id: string, stamp: number, end: number][]
  }
}

/** The list as anybody gets it: without a token, and verified with nothing but node:crypto and the key set. */
async function fetchList(fixture: Fixture, path = PATH): Promise<RevocationList & { readonly headers: Headers }> {
  const response = await fetch(fixture.url + path)
  expect(response.status).toBe(200)
  const [head = '', payload = '', signature = '', ...rest] = (await response.text()).split('.')
  expect(rest).toEqual([])
  const parse = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString('utf8'))
  const header = parse(head)
  const { body } = await send(fixture.url, 'GET', '/.well-known/jwks.json')
  const jwk = body.keys.find(({ kid }: { kid: string }) => kid === header.kid)
  const key = createPublicKey({ key: jwk, format: 'jwk' })
  expect(verify(null, Buffer.from(`${head}.${payload}`), key, Buffer.from(signature, 'base64url'))).toBe(true)
  return { header, claims: parse(payload), headers: response.headers }
}

describe('GET /.well-known/revocations.jws', () => {
  let fixture: Fixture

  beforeAll(async () => {
    fixture = await startFixture(PLAIN_MOUNT)
  })
  afterAll(() => fixture.close())
  // A list is given out for half a minute before it is made anew.
  beforeEach(() => wait(30))

  const wait = (seconds: number) => {
    fixture.clock.now = new Date(fixture.clock.now.getTime() + seconds * 1000)
  }
  const activated = async (key: string, hostId = 'host'): Promise<string> =>
    (await activateHost(fixture, key, hostId)).body.licenseToken
  const idOf = (licenseToken: string) => {
    const { lid, machine } = verifyIndependently(licenseToken, fixture.licensing.jwks).claims
    return revocationId(String(lid), String(machine))
  }

  it('is a compact JWS of a type of its own, which may be cached for five minutes', async () => {
    const { header, claims, headers } = await fetchList(fixture)
    expect(header).toEqual({ alg: 'EdDSA', kid: fixture.licensing.jwks.keys[0]?.kid, typ: 'keyslot-revocations+jwt' })
    expect(claims).toEqual({
      iss: 'keyslot',
      iat: Math.floor(fixture.clock.now.getTime() / 1000),
      product: null,
      entries: expect.any(Array),
    })
    expect(headers.get('content-type')).toBe('application/jose')
    expect(headers.get('cache-control')).toBe('public, max-age=300')
  })

  it('is no license token, and no license token is one', async () => {
    const text = await (await fetch(fixture.url + PATH)).text()
    expect(() => verifyIndependently(text, fixture.licensing.jwks)).toThrow('not of that kind')
  })

  it.each<[string, (key: string) => Promise<unknown>]>([
    ['deactivating a host', (key) => post(fixture, '/key/deactivate', named(fixture, key, { hostId: 'host' }))],
    ['deactivating all hosts', (key) => post(fixture, '/deactivate-key', named(fixture, key))],
    ['resetting', (key) => ask(fixture, 'PATCH', `/public/v1/key/${key}/reset`)],
    ['blocking', (key) => post(fixture, '/key/block', named(fixture, key))],
    ['disabling', (key) => ask(fixture, 'PATCH', `/public/v1/key/${key}/change-status`, { status: 0 })],
    ['deleting', (key) => ask(fixture, 'DELETE', `/public/v1/key/${key}`)],
    [
      'deleting the customer',
      async (key) => {
        const { customerId } = (await fixture.licensing.licenses.get(key)).license
        return ask(fixture, 'DELETE', `/customer/by-id?customerId=${customerId}`)
      },
    ],
  ])('holds what %s ended, and nothing else', async (_, end) => {
    const key = await makeKey(fixture, { newCustomer: { name: 'Ada' } })
    const [token, other] = [await activated(key), await activated(await makeKey(fixture))]
    expect(await isRevoked(fixture, token)).toBe(false)
    expect(await end(key)).toMatchObject({ status: 200 })
    expect([await isRevoked(fixture, token), await isRevoked(fixture, other)]).toEqual([true, false])
  })

  it('holds every token of an activation by one entry: activated, validated and signed', async () => {
    const key = await makeKey(fixture, { maxActivations: 1 })
    const token = await activated(key)
    const validated = await post(fixture, '/key/validate', named(fixture, key, { hostId: 'host' }))
    const signed = await post(fixture, '/key/sign', named(fixture, key, { hostId: 'host' }))
    await post(fixture, '/key/deactivate', named(fixture, key, { hostId: 'host' }))
    for (const one of [token, validated.body.licenseToken, signed.body.file.licenseToken]) {
      expect(await isRevoked(fixture, one)).toBe(true)
    }
    wait(30)
    const { entries } = (await fetchList(fixture)).claims
    expect(entries.filter(([id]) => id === idOf(token))).toHaveLength(1)
  })

  it('does not hold what is issued after reactivation or unblocking', async () => {
    const key = await makeKey(fixture)
    const first = await activated(key)
    await post(fixture, '/key/deactivate', named(fixture, key, { hostId: 'host' }))
    const second = await activated(key)
    await post(fixture, '/key/block', named(fixture, key))
    await post(fixture, '/key/unblock', named(fixture, key))
    const third = await activated(key)
    const revoked = [first, second, third].map((token) => isRevoked(fixture, token))
    expect(await Promise.all(revoked)).toEqual([true, true, false])
  })

  it('of a product holds what is about it, and no other product has it', async () => {
    const { id: other } = await fixture.licensing.products.create({ name: 'Other' })
    const token = await activated(await makeKey(fixture, { maxActivations: 1 }))
    const { license } = await fixture.licensing.licenses.get(
      String(verifyIndependently(token, fixture.licensing.jwks).claims.key),
    )
    await fixture.licensing.licenses.block(license.key)
    const own = (await fetchList(fixture, listOf(fixture.productId))).claims
    expect(own.product).toBe(fixture.productId)
    expect(own.entries.map(([id]) => id)).toContain(revocationId(license.id))
    expect((await fetchList(fixture, listOf(other))).claims).toMatchObject({ product: other, entries: [] })
    expectRefusal(await send(fixture.url, 'GET', listOf('prod_there_is_none_of_it')), 404, 1, 'Invalid license key')
  })

  it('is sent once to whoever has it, and compressed to whoever can unpack it', async () => {
    const get = (headers: Record<string, string>) => fetch(fixture.url + PATH, { headers })
    const plain = await get({ 'Accept-Encoding': 'identity' })
    const packed = await get({ 'Accept-Encoding': 'br, gzip' })
    const etag = plain.headers.get('etag') ?? ''
    expect([plain.headers.get('content-encoding'), packed.headers.get('content-encoding')]).toEqual([null, 'gzip'])
    expect(await packed.text()).toBe(await plain.text())
    expect((await get({ 'Accept-Encoding': 'gzip;q=0' })).headers.get('content-encoding')).toBeNull()
    for (const tag of [etag, `"else", ${etag}`, etag.replace('W/', ''), '*']) {
      expect((await get({ 'If-None-Match': tag })).status, tag).toBe(304)
    }
    // Signed anew with the same entries it is the same list; with others it is not.
    wait(30)
    expect((await get({ 'If-None-Match': etag })).status).toBe(304)
    const key = await makeKey(fixture)
    await activated(key)
    await post(fixture, '/key/block', named(fixture, key))
    wait(30)
    expect((await get({ 'If-None-Match': etag })).status).toBe(200)
  })

  it('is made anew every half minute, not for every caller', async () => {
    const before = (await fetchList(fixture)).claims
    const key = await makeKey(fixture)
    const token = await activated(key)
    await post(fixture, '/key/deactivate', named(fixture, key, { hostId: 'host' }))
    wait(29.999)
    expect((await fetchList(fixture)).claims).toEqual(before)
    wait(0.001)
    expect((await fetchList(fixture)).claims.entries.map(([id]) => id)).toContain(idOf(token))
  })
})

describe('the revocation list', () => {
  it.each(MOUNTS)('is open to all, mounted $name', async (mount) => {
    const fixture = await startFixture(mount)
    expect((await fetchList(fixture)).claims).toMatchObject({ product: null, entries: [] })
    const odd = await fetch(fixture.url + PATH, { headers: { Authorization: 'Bearer nonsense' } })
    expect(odd.status).toBe(200)
    await fixture.close()
  })

  it('is signed by the current key after a rotation', async () => {
    const rotated = rotateKeyring(createKeyring(new Date('2026-01-01')), new Date('2026-02-01'))
    const fixture = await startFixture(PLAIN_MOUNT, { keyring: rotated, issuer: 'acme' })
    expect(await fetchList(fixture)).toMatchObject({ header: { kid: rotated.current.kid }, claims: { iss: 'acme' } })
    await fixture.close()
  })

  it('that cannot be read now is tried again at the next call', async () => {
    const faults = faultyStorage()
    const fixture = await startFixture(PLAIN_MOUNT, { storage: faults.storage })
    faults.breakReads('revocations', () => Promise.reject(new Error('disk I/O error')))
    expectRefusal(await send(fixture.url, 'GET', PATH), 500, 1, 'Server error')
    expect(fixture.logged).toHaveLength(1)
    faults.heal()
    expect((await fetchList(fixture)).claims.entries).toEqual([])
    await fixture.close()
  })
})
