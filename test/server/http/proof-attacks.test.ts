import { createHmac, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto'
import { request } from 'node:http'
import { createKeyring } from 'keyslot/server'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { makeKey, named, PLAIN_MOUNT } from './actions'
import { type Fixture, MOUNTS, START, send, startFixture, type WireAnswer } from './harness'
import { createHostKey, createProof, type HostKey, type ProofParts, proofFor, sendAsApp } from './host-key'

const INVALID = 'DPoP error="invalid_dpop_proof"'
const STALE = 'DPoP error="use_dpop_nonce"'
const SECOND = 1000
const WINDOW = 300 * SECOND

let fixture: Fixture
let key: HostKey
let licenseKey: string

beforeAll(async () => {
  fixture = await startFixture(PLAIN_MOUNT)
})
afterAll(() => fixture.close())
beforeEach(async () => {
  fixture.clock.now = START
  key = createHostKey()
  licenseKey = await makeKey(fixture, { expiryDate: null })
})

const activate = (proof: string | undefined, at = fixture): Promise<WireAnswer> =>
  send(at.url, 'POST', '/key/activate', {
    token: at.publishable,
    body: named(at, licenseKey, { hostId: 'host' }),
    ...(proof !== undefined && { headers: { DPoP: proof } }),
  })

/** Refused in words and headers, and without effect. */
async function expectRefused(answer: WireAnswer, challenge: string): Promise<void> {
  expect({ status: answer.status, body: answer.body }).toEqual({
    status: 401,
    body: { message: 'Invalid proof of possession', code: 1 },
  })
  expect(answer.headers.get('WWW-Authenticate')).toBe(challenge)
  expect(answer.headers.get('DPoP-Nonce')).toMatch(/^[\w-]{32}$/)
  expect((await fixture.licensing.licenses.get(licenseKey)).activations).toEqual([])
}

const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url')
const decode = (proof: string, part: 0 | 1) =>
  JSON.parse(Buffer.from(proof.split('.')[part] ?? '', 'base64url').toString()) as Record<string, unknown>
const make = (parts: ProofParts = {}) => proofFor(fixture, key, '/key/activate', parts)

/** The signed text of a good proof, its header changed, and a signature of another kind on it. */
function forge(header: Record<string, unknown>, signature: (signed: string) => string): string {
  const proof = make({ header })
  const signed = proof.slice(0, proof.lastIndexOf('.'))
  return `${signed}.${signature(signed)}`
}

const p256 = () => generateKeyPairSync('ec', { namedCurve: 'P-256' })
const jwkOf = (publicKey: KeyObject) => publicKey.export({ format: 'jwk' }) as Record<string, unknown>

const ATTACKS: [name: string, proof: () => string, challenge?: string][] = [
  ['no JWS at all', () => 'proof'],
  ['an empty header', () => ''],
  ['alg none, unsigned', () => forge({ alg: 'none' }, () => '')],
  ['alg none, with a signature', () => make({ header: { alg: 'none' } })],
  [
    'alg HS256, the public key as the secret',
    () =>
      forge({ alg: 'HS256' }, (signed) => createHmac('sha256', String(key.jwk.x)).update(signed).digest('base64url')),
  ],
  [
    'alg HS256, an octet key in the header',
    () => {
      const k = randomBytes(32)
      const header = { alg: 'HS256', jwk: { kty: 'oct', k: k.toString('base64url') } }
      return forge(header, (signed) => createHmac('sha256', k).update(signed).digest('base64url'))
    },
  ],
  [
    'alg ES256, with a key of its own',
    () => {
      const { publicKey, privateKey } = p256()
      return forge({ alg: 'ES256', jwk: jwkOf(publicKey) }, (signed) =>
        sign('sha256', Buffer.from(signed), { key: privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url'),
      )
    },
  ],
  [
    'alg EdDSA, but a key of P-256',
    () => {
      const { publicKey, privateKey } = p256()
      return forge({ jwk: jwkOf(publicKey) }, (signed) =>
        sign('sha256', Buffer.from(signed), privateKey).toString('base64url'),
      )
    },
  ],
  [
    'a key of another Edwards curve',
    () => {
      const { publicKey, privateKey } = generateKeyPairSync('ed448')
      return make({ header: { jwk: jwkOf(publicKey) }, signedBy: privateKey })
    },
  ],
  ['alg Ed25519, which is another name', () => make({ header: { alg: 'Ed25519' } })],
  ['no typ', () => make({ header: { typ: undefined } })],
  ['typ JWT', () => make({ header: { typ: 'JWT' } })],
  ['typ in capitals', () => make({ header: { typ: 'DPOP+JWT' } })],
  ['no key in the header', () => make({ header: { jwk: undefined } })],
  ['a kid instead of a key', () => make({ header: { jwk: undefined, kid: 'key' } })],
  ['the private key in the header', () => make({ header: { jwk: key.privateKey.export({ format: 'jwk' }) } })],
  ['a key with stray bits, which would have another thumbprint', () => make({ header: { jwk: withStrayBits() } })],
  ['the signature of another key', () => make({ signedBy: createHostKey().privateKey })],
  ['the key of another in the header', () => make({ header: { jwk: createHostKey().jwk } })],
  ['claims that were changed', () => withClaims({ htu: `${fixture.url}/key/activate`, iat: 0 })],
  ['a critical extension', () => make({ header: { crit: ['exp'], exp: 1 } })],
  ['a critical extension that is known', () => make({ header: { crit: ['b64'], b64: true } })],
  ['an unencoded payload', () => make({ header: { crit: ['b64'], b64: false } })],
  ['more than 4 KiB', () => make({ header: { padding: 'x'.repeat(4096) } })],
  ['no ath', () => make({ claims: { ath: undefined } })],
  ['ath of another token', () => athOf('pk_another')],
  ['ath of the secret token', () => athOf(fixture.secret)],
  ['no htm', () => make({ claims: { htm: undefined } })],
  ['htm of another method', () => make({ claims: { htm: 'GET' } })],
  ['htm in small letters', () => make({ claims: { htm: 'post' } })],
  ['no htu', () => make({ claims: { htu: undefined } })],
  ['htu of another route', () => proofFor(fixture, key, '/key/deactivate')],
  ['htu of the other family', () => proofFor(fixture, key, '/activate-key')],
  ['htu with the path in its query', () => make({ claims: { htu: `${fixture.url}/?/key/activate` } })],
  ['htu with the path in its fragment', () => make({ claims: { htu: `${fixture.url}/#/key/activate` } })],
  ['htu that is a path', () => make({ claims: { htu: '/key/activate' } })],
  ['htu that ends in part of a name', () => make({ claims: { htu: `${fixture.origin}/turn-key/activate` } })],
  ['no jti', () => make({ claims: { jti: undefined } })],
  ['a short jti', () => make({ claims: { jti: 'abcdefghijklmno' } })],
  ['a jti that is a number', () => make({ claims: { jti: 1_234_567_890_123_456 } })],
  ['no iat', () => make({ claims: { iat: undefined } })],
  ['iat as text', () => make({ claims: { iat: String(START.getTime() / SECOND) } })],
  ['a nonce that is no text', () => make({ claims: { nonce: 1 } })],
  ['iat of more than five minutes ago', () => made(-301 * SECOND), STALE],
  ['iat more than five minutes ahead', () => made(301 * SECOND), STALE],
  ['a nonce that is none of ours', () => make({ claims: { nonce: randomBytes(24).toString('base64url') } }), STALE],
  ['an empty nonce', () => make({ claims: { nonce: '' } }), STALE],
  ['a nonce of this time with another MAC', () => make({ claims: { nonce: withOtherMac() } }), STALE],
]

const athOf = (accessToken: string) =>
  createProof(key, { url: `${fixture.url}/key/activate`, accessToken, now: fixture.clock.now })
const made = (ms: number) => make({ claims: { iat: (START.getTime() + ms) / SECOND } })

/** 43 characters are two bits more than 32 bytes. */
function withStrayBits(): Record<string, unknown> {
  const x = String(key.jwk.x)
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  const last = alphabet.charAt(alphabet.indexOf(x.slice(-1)) + 1)
  return { ...key.jwk, x: x.slice(0, -1) + last }
}

function withClaims(claims: Record<string, unknown>): string {
  const proof = make()
  const [header, , signature] = proof.split('.')
  return `${header}.${encode({ ...decode(proof, 1), ...claims })}.${signature}`
}

function withOtherMac(): string {
  const window = Buffer.alloc(24)
  window.writeBigInt64BE(BigInt(Math.floor(START.getTime() / WINDOW)))
  return window.toString('base64url')
}

describe('a proof that is not valid', () => {
  it.each(ATTACKS)('is refused and has no effect: %s', async (_, proof, challenge = INVALID) => {
    await expectRefused(await activate(proof()), challenge)
  })

  it('is refused by every route that reads it, with a secret token too, and by none that does not', async () => {
    const bad = { DPoP: make({ signedBy: createHostKey().privateKey }) }
    const body = named(fixture, licenseKey, { hostId: 'host' })
    for (const path of ['/key/activate', '/activate-key', '/key/deactivate', '/deactivate-key', '/key/validate']) {
      for (const token of [fixture.publishable, fixture.secret]) {
        await expectRefused(await send(fixture.url, 'POST', path, { token, body, headers: bad }), INVALID)
      }
    }
    const { productId } = fixture
    const trial = { token: fixture.publishable, body: { productId, hostId: 'host' }, headers: bad }
    await expectRefused(await send(fixture.url, 'POST', '/key/trial', trial), INVALID)
    const shown = await send(fixture.url, 'POST', '/get-key', { token: fixture.secret, body, headers: bad })
    expect(shown.status).toBe(200)
  })

  it('is refused beside a good one: there must be one header', async () => {
    const { status, headers } = await sendTwice(make(), make())
    expect({ status, challenge: headers['www-authenticate'] }).toEqual({ status: 401, challenge: INVALID })
    const joined = await activate(`${make()}, ${make()}`)
    await expectRefused(joined, INVALID)
  })

  it('is refused when it was taken before, by whatever route it is for', async () => {
    const proof = make()
    expect((await activate(proof)).status).toBe(200)
    const again = await activate(proof)
    expect({ status: again.status, challenge: again.headers.get('WWW-Authenticate') }).toEqual({
      status: 401,
      challenge: INVALID,
    })
    // As long as its time is good, and for another key the same name is another proof.
    fixture.clock.now = new Date(START.getTime() + WINDOW)
    expect((await activate(proof)).status).toBe(401)
    const other = createHostKey()
    const sameName = proofFor(fixture, other, '/key/activate', { claims: { jti: decode(proof, 1).jti } })
    expect((await activate(sameName)).status).toBe(200)
  })

  it('is taken once of many at the same time', async () => {
    const proof = make()
    const answers = await Promise.all(Array.from({ length: 20 }, () => activate(proof)))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(19)
  })

  it('made to deactivate serves nowhere else', async () => {
    await activate(make())
    const toDeactivate = proofFor(fixture, key, '/key/deactivate')
    for (const path of ['/key/activate', '/activate-key', '/deactivate-key', '/key/validate']) {
      const body = named(fixture, licenseKey, { hostId: 'host' })
      const answer = await send(fixture.url, 'POST', path, {
        token: fixture.publishable,
        body,
        headers: { DPoP: toDeactivate },
      })
      expect(answer.status, path).toBe(401)
    }
    const body = named(fixture, licenseKey, { hostId: 'host' })
    const headers = { DPoP: toDeactivate }
    const freed = await send(fixture.url, 'POST', '/key/deactivate', { token: fixture.publishable, body, headers })
    expect(freed.status).toBe(200)
  })

  it('is not asked for a license: its token comes first, then the proof, then the body', async () => {
    const headers = { DPoP: 'proof' }
    const unknown = await send(fixture.url, 'POST', '/key/activate', { token: 'at_nobody', body: {}, headers })
    expect(unknown.body).toEqual({ message: 'Invalid access token', code: 1 })
    const reader = await fixture.licensing.accessTokens.create({ name: 'r', kind: 'secret', scopes: ['licenses:read'] })
    const forbidden = await send(fixture.url, 'POST', '/key/activate', { token: reader.token, body: {}, headers })
    expect(forbidden.status).toBe(403)
    await expectRefused(
      await send(fixture.url, 'POST', '/key/activate', { token: fixture.publishable, body: {}, headers }),
      INVALID,
    )
  })
})

describe('the time of a proof', () => {
  it.each([-300, 0, 300])('may be %s seconds off', async (seconds) => {
    expect((await activate(made(seconds * SECOND))).status).toBe(200)
  })

  it('does not matter where it carries our nonce, which is good for its five minutes and the next', async () => {
    const wrongClock = { iat: 0 }
    const refused = await activate(make({ claims: wrongClock }))
    await expectRefused(refused, STALE)
    const nonce = refused.headers.get('DPoP-Nonce')
    const withNonce = () => activate(make({ claims: { ...wrongClock, nonce } }))
    const windowStart = Math.floor(START.getTime() / WINDOW) * WINDOW
    for (const at of [START.getTime(), windowStart + WINDOW, windowStart + 2 * WINDOW - 1]) {
      fixture.clock.now = new Date(at)
      expect((await withNonce()).status).toBe(200)
    }
    fixture.clock.now = new Date(windowStart + 2 * WINDOW)
    const late = await withNonce()
    expect({ status: late.status, challenge: late.headers.get('WWW-Authenticate') }).toEqual({
      status: 401,
      challenge: STALE,
    })
    expect(late.headers.get('DPoP-Nonce')).not.toBe(nonce)
  })

  it('is the same for instances with one keyring, and for no others', async () => {
    const keyring = createKeyring(START)
    const [one, two] = [await startFixture(PLAIN_MOUNT, { keyring }), await startFixture(PLAIN_MOUNT, { keyring })]
    try {
      const nonceOf = async (of: Fixture) => {
        const headers = { DPoP: proofFor(of, key, '/key/validate', { claims: { iat: 0 } }) }
        const answer = await sendAsApp(of, '/key/validate', {}, undefined, { headers })
        return answer.headers.get('DPoP-Nonce')
      }
      expect(await nonceOf(one)).toBe(await nonceOf(two))
      expect(await nonceOf(one)).not.toBe(await nonceOf(fixture))
    } finally {
      await one.close()
      await two.close()
    }
  })
})

describe.each(MOUNTS)('a good proof, mounted $name', (mount) => {
  it('is taken whatever a proxy in front shows the host', async () => {
    const mounted = await startFixture(mount)
    try {
      const { key: madeKey } = await mounted.licensing.licenses.create({ productId: mounted.productId })
      const body = named(mounted, madeKey, { hostId: 'host' })
      expect((await sendAsApp(mounted, '/key/activate', body, key)).status).toBe(200)
      for (const htu of ['https://licenses.example/key/validate', 'https://example.com:8443/a/b/key/validate?x=1#y']) {
        const headers = { DPoP: proofFor(mounted, key, '/key/validate', { claims: { htu } }) }
        const answer = await sendAsApp(mounted, '/key/validate', body, undefined, { headers })
        expect(answer.body).toMatchObject({ code: 0, valid: true })
      }
      expect((await sendAsApp(mounted, '/key/validate', body)).body.message).toBe('Proof of possession required')
    } finally {
      await mounted.close()
    }
  })
})

/** `fetch` would make one header of the two. */
function sendTwice(...proofs: readonly string[]) {
  const body = JSON.stringify(named(fixture, licenseKey, { hostId: 'host' }))
  const headers = {
    Authorization: `Bearer ${fixture.publishable}`,
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(body),
    DPoP: [...proofs],
  }
  return new Promise<{ status: number | undefined; headers: NodeJS.Dict<string | string[]> }>((resolve, reject) => {
    const sent = request(`${fixture.url}/key/activate`, { method: 'POST', headers }, (res) => {
      res.resume()
      resolve({ status: res.statusCode, headers: res.headers })
    })
    sent.on('error', reject).end(body)
  })
}
