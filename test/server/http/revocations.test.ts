import { createPublicKey, verify } from 'node:crypto'
import { createKeyring, rotateKeyring } from 'keyslot/server'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { activateHost, ask, expectRefusal, makeKey, named, PLAIN_MOUNT, post } from './actions'
import { faultyStorage } from './faulty-storage'
import { type Fixture, MOUNTS, START, send, startFixture } from './harness'
import { verifyIndependently } from './independent-verifier'

const PATH = '/.well-known/revocations.jws'

interface RevocationList {
  readonly header: Record<string, unknown>
  readonly claims: { readonly iss: string; readonly iat: number; readonly version: number; readonly revoked: string[] }
}

/** The list as anybody gets it: without a token, and verified with nothing but node:crypto and the key set. */
async function fetchList(fixture: Fixture): Promise<RevocationList & { readonly headers: Headers }> {
  const response = await fetch(fixture.url + PATH)
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
  const jtiOf = (licenseToken: string) => String(verifyIndependently(licenseToken, fixture.licensing.jwks).claims.jti)
  const activated = async (key: string, hostId = 'host') =>
    jtiOf((await activateHost(fixture, key, hostId)).body.licenseToken)
  const revoked = async () => {
    wait(30)
    return (await fetchList(fixture)).claims.revoked
  }

  it('is a compact JWS of a type of its own, which may be cached for a minute', async () => {
    const { header, claims, headers } = await fetchList(fixture)
    expect(header).toEqual({ alg: 'EdDSA', kid: fixture.licensing.jwks.keys[0]?.kid, typ: 'keyslot-revocations+jwt' })
    expect(claims).toEqual({
      iss: 'keyslot',
      iat: Math.floor(fixture.clock.now.getTime() / 1000),
      version: expect.any(Number),
      revoked: expect.any(Array),
    })
    expect(headers.get('content-type')).toBe('application/jose')
    expect(headers.get('cache-control')).toBe('public, max-age=60')
  })

  it('is no license token, and no license token is one', async () => {
    const text = await (await fetch(fixture.url + PATH)).text()
    expect(() => verifyIndependently(text, fixture.licensing.jwks)).toThrow('not a license token')
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
    const [jti, other] = [await activated(key), await activated(await makeKey(fixture))]
    expect(await revoked()).not.toContain(jti)
    expect(await end(key)).toMatchObject({ status: 200 })
    const after = await revoked()
    expect(after).toContain(jti)
    expect(after).not.toContain(other)
  })

  it('holds every token of an activation by one entry: activated, validated and signed', async () => {
    const key = await makeKey(fixture)
    const jti = await activated(key)
    const validated = await post(fixture, '/key/validate', named(fixture, key, { hostId: 'host' }))
    const signed = await post(fixture, '/key/sign', named(fixture, key, { hostId: 'host' }))
    expect([jtiOf(validated.body.licenseToken), jtiOf(signed.body.file.licenseToken)]).toEqual([jti, jti])
    await post(fixture, '/key/deactivate', named(fixture, key))
    expect((await revoked()).filter((id) => id === jti)).toHaveLength(1)
  })

  it('does not hold what is issued after reactivation or unblocking', async () => {
    const key = await makeKey(fixture)
    const first = await activated(key)
    await post(fixture, '/key/deactivate', named(fixture, key, { hostId: 'host' }))
    const second = await activated(key)
    await post(fixture, '/key/block', named(fixture, key))
    await post(fixture, '/key/unblock', named(fixture, key))
    const third = await activated(key)
    const list = await revoked()
    expect([first, second, third].map((jti) => list.includes(jti))).toEqual([true, true, false])
  })

  it('has a version that grows with every entry, and with nothing else', async () => {
    const version = async () => {
      wait(30)
      return (await fetchList(fixture)).claims.version
    }
    let last = await version()
    for (let round = 0; round < 5; round++) {
      const key = await makeKey(fixture)
      await activated(key)
      expect(await version()).toBe(last)
      await post(fixture, '/key/deactivate', named(fixture, key))
      const next = await version()
      expect(next).toBeGreaterThan(last)
      last = next
    }
    // Entries that have had their day go; the version stays.
    wait(400 * 86_400)
    await fixture.licensing.runHousekeeping()
    expect((await fetchList(fixture)).claims).toMatchObject({ version: last, revoked: [] })
    fixture.clock.now = new Date(START.getTime() + 86_400_000)
  })

  it('is made anew every half minute, not for every caller', async () => {
    const before = (await fetchList(fixture)).claims
    const key = await makeKey(fixture)
    const jti = await activated(key)
    await post(fixture, '/key/deactivate', named(fixture, key))
    wait(29.999)
    expect((await fetchList(fixture)).claims).toEqual(before)
    wait(0.001)
    expect((await fetchList(fixture)).claims.revoked).toContain(jti)
  })
})

describe('the revocation list', () => {
  it.each(MOUNTS)('is open to all, mounted $name', async (mount) => {
    const fixture = await startFixture(mount)
    expect((await fetchList(fixture)).claims).toMatchObject({ version: 0, revoked: [] })
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
    expect((await fetchList(fixture)).claims.version).toBe(0)
    await fixture.close()
  })
})
