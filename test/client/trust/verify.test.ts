import { createHmac, createPublicKey } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { createTrustStore } from '../../../src/client/trust/trust-store'
import { verifyLicenseToken, verifyStanding } from '../../../src/client/trust/verify'
import { isLicenseError, type LicenseErrorCode, type PublicJwk } from '../../../src/protocol'
import {
  createClaims,
  createSigningKey,
  DAY,
  encode,
  HOST_ID,
  LICENSE_KEY,
  NOW,
  PRODUCT_ID,
  signToken,
} from '../token-factory'

const key = createSigningKey()
const foreignKey = createSigningKey()
const trustStore = createTrustStore([key.jwk])
const expected = { issuer: 'keyslot', productId: PRODUCT_ID, hostId: HOST_ID }
const iat = createClaims().iat

function verify(token: string, now = NOW) {
  return verifyLicenseToken(token, trustStore, expected, now)
}

async function codeOf(work: Promise<unknown>): Promise<LicenseErrorCode | undefined> {
  try {
    await work
    return undefined
  } catch (error) {
    return isLicenseError(error) ? error.code : expect.fail(`not a LicenseError: ${String(error)}`)
  }
}

function without(claim: string): object {
  return Object.fromEntries(Object.entries(createClaims()).filter(([name]) => name !== claim))
}

function hmacToken(secret: string | Buffer): string {
  const input = `${encode({ alg: 'HS256', kid: key.kid, typ: 'JWT' })}.${encode(createClaims())}`
  return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`
}

function unsigned(alg: string): string {
  return `${encode({ alg, kid: key.kid, typ: 'JWT' })}.${encode(createClaims())}.`
}

function resigned(token: string, by: typeof key): string {
  const head = JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString())
  return signToken(by, createClaims(), head)
}

const pem = createPublicKey(key.privateKey).export({ type: 'spki', format: 'pem' })
const license = createClaims().license

describe('verifyLicenseToken', () => {
  it('returns the claims of a genuine token', async () => {
    await expect(verify(signToken(key, createClaims()))).resolves.toEqual(createClaims())
  })

  it.each<[string, () => string, LicenseErrorCode]>([
    ['alg none', () => unsigned('none'), 'TOKEN_ALGORITHM'],
    ['alg nOnE', () => unsigned('nOnE'), 'TOKEN_ALGORITHM'],
    ['no alg', () => signToken(key, createClaims(), { alg: undefined }), 'TOKEN_MALFORMED'],
    ['HS256 keyed with the PEM', () => hmacToken(pem), 'TOKEN_ALGORITHM'],
    ['HS256 keyed with the raw key', () => hmacToken(Buffer.from(key.jwk.x, 'base64url')), 'TOKEN_ALGORITHM'],
    ['alg Ed25519', () => signToken(key, createClaims(), { alg: 'Ed25519' }), 'TOKEN_ALGORITHM'],
    ['alg ES256', () => signToken(key, createClaims(), { alg: 'ES256' }), 'TOKEN_ALGORITHM'],
    ['a foreign key under a known kid', () => resigned(signToken(key, {}), foreignKey), 'TOKEN_SIGNATURE'],
    ['an unknown kid', () => signToken(foreignKey, createClaims()), 'TOKEN_KEY_UNKNOWN'],
    ['no kid', () => signToken(key, createClaims(), { kid: undefined }), 'TOKEN_KEY_UNKNOWN'],
    ['kid __proto__', () => signToken(key, createClaims(), { kid: '__proto__' }), 'TOKEN_KEY_UNKNOWN'],
    ['kid ../../key', () => signToken(key, createClaims(), { kid: '../../key' }), 'TOKEN_KEY_UNKNOWN'],
    ['an embedded jwk', () => signToken(foreignKey, createClaims(), { jwk: foreignKey.jwk }), 'TOKEN_KEY_UNKNOWN'],
    [
      'an embedded jwk under a known kid',
      () => signToken(foreignKey, createClaims(), { kid: key.kid, jwk: foreignKey.jwk }),
      'TOKEN_SIGNATURE',
    ],
    [
      'jku and x5u',
      () => signToken(foreignKey, createClaims(), { jku: 'https://evil.test/jwks', x5u: 'https://evil.test/x' }),
      'TOKEN_KEY_UNKNOWN',
    ],
    ['a crit extension', () => signToken(key, createClaims(), { crit: ['x'], x: 1 }), 'TOKEN_MALFORMED'],
    ['an empty crit', () => signToken(key, createClaims(), { crit: [] }), 'TOKEN_MALFORMED'],
    ['b64 false', () => signToken(key, createClaims(), { crit: ['b64'], b64: false }), 'TOKEN_MALFORMED'],
    ['another typ', () => signToken(key, createClaims(), { typ: 'at+jwt' }), 'TOKEN_CLAIMS'],
    ['no typ', () => signToken(key, createClaims(), { typ: undefined }), 'TOKEN_CLAIMS'],
    ['another issuer', () => signToken(key, createClaims({ iss: 'else' })), 'TOKEN_CLAIMS'],
    ['another type', () => signToken(key, { ...createClaims(), type: 'session' }), 'TOKEN_CLAIMS'],
    ['another aud', () => signToken(key, createClaims({ aud: 'other' })), 'TOKEN_WRONG_PRODUCT'],
    ['another productId', () => signToken(key, createClaims({ productId: 'other' })), 'TOKEN_WRONG_PRODUCT'],
    ['another product', () => signToken(key, createClaims({ aud: 'o', productId: 'o' })), 'TOKEN_WRONG_PRODUCT'],
    ['another host', () => signToken(key, createClaims({ machine: 'host-b' })), 'TOKEN_WRONG_HOST'],
    ['sub other than key', () => signToken(key, createClaims({ sub: 'other' })), 'TOKEN_CLAIMS'],
    ...['exp', 'iat', 'nbf', 'sub', 'jti', 'machine', 'iss', 'aud', 'productId', 'key', 'type', 'license'].map(
      (claim): [string, () => string, LicenseErrorCode] => [
        `no ${claim}`,
        () => signToken(key, without(claim)),
        'TOKEN_CLAIMS',
      ],
    ),
    ['a string exp', () => signToken(key, { ...createClaims(), exp: '9999999999' }), 'TOKEN_CLAIMS'],
    ['an endless exp', () => signToken(key, { ...createClaims(), exp: 1e300 }), 'TOKEN_CLAIMS'],
    ['a null exp', () => signToken(key, { ...createClaims(), exp: null }), 'TOKEN_CLAIMS'],
    ['an array aud', () => signToken(key, { ...createClaims(), aud: [PRODUCT_ID] }), 'TOKEN_CLAIMS'],
    ['a machine that is no string', () => signToken(key, { ...createClaims(), machine: [HOST_ID] }), 'TOKEN_CLAIMS'],
    [
      'negative grace',
      () => signToken(key, createClaims({ license: { ...license, graceSeconds: -1 } })),
      'TOKEN_CLAIMS',
    ],
    [
      'no date in expiresAt',
      () => signToken(key, createClaims({ license: { ...license, expiresAt: 'x' } })),
      'TOKEN_CLAIMS',
    ],
    ['a payload that is no object', () => signToken(key, [1]), 'TOKEN_MALFORMED'],
    ['a future iat', () => signToken(key, createClaims({ iat: iat + 301 })), 'TOKEN_NOT_YET_VALID'],
    ['a future nbf', () => signToken(key, createClaims({ nbf: iat + 301 })), 'TOKEN_NOT_YET_VALID'],
    ['a past exp', () => signToken(key, createClaims({ exp: iat - 300 })), 'TOKEN_EXPIRED'],
    ['two parts', () => `${encode({})}.${encode({})}`, 'TOKEN_MALFORMED'],
    ['nothing', () => '', 'TOKEN_MALFORMED'],
    ['a trailing newline', () => `${signToken(key, createClaims())}\n`, 'TOKEN_MALFORMED'],
    ['padding', () => `${signToken(key, createClaims())}==`, 'TOKEN_MALFORMED'],
    ['a megabyte', () => 'a'.repeat(1_000_000), 'TOKEN_MALFORMED'],
  ])('refuses %s', async (_, make, code) => {
    expect(await codeOf(verify(make()))).toBe(code)
  })

  it('tolerates a clock that is 300 seconds off, and no more', async () => {
    const token = signToken(key, createClaims({ exp: iat + DAY }))
    const at = (seconds: number) => codeOf(verify(token, new Date((iat + seconds) * 1000)))
    expect(await at(-300)).toBeUndefined()
    expect(await at(-301)).toBe('TOKEN_NOT_YET_VALID')
    expect(await at(DAY + 299)).toBeUndefined()
    expect(await at(DAY + 300)).toBe('TOKEN_EXPIRED')
    expect(await codeOf(verify(token, new Date(Number.NaN)))).toBe('TOKEN_NOT_YET_VALID')
  })

  it('refuses every one-bit change', async () => {
    const token = signToken(key, createClaims())
    const accepted: number[] = []
    const bits = token.length * 8
    for (let bit = 0; bit < bits; bit++) {
      const bytes = Buffer.from(token, 'latin1')
      bytes.writeUInt8(bytes.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3)
      if ((await codeOf(verify(bytes.toString('latin1')))) === undefined) accepted.push(bit)
    }
    expect(accepted).toEqual([])
  })

  it('keeps token, license key and payload out of its errors', async () => {
    for (const token of [signToken(key, createClaims({ machine: 'b' })), signToken(foreignKey, createClaims())]) {
      const error = await verify(token).catch((refusal: unknown) => refusal)
      const { inspect } = await import('node:util')
      const shown = `${inspect(error, { depth: 9, showHidden: true })}${JSON.stringify(error)}`
      expect(shown).not.toContain(LICENSE_KEY)
      expect(shown).not.toContain(token.slice(0, 40))
    }
  })
})

describe('verifyStanding', () => {
  it('leaves time alone: a token of any time is one of ours', async () => {
    const past = createClaims({}, new Date('1999-01-01'))
    const future = createClaims({}, new Date('+012000-01-01T00:00:00Z'))
    for (const claims of [past, future]) {
      await expect(verifyStanding(signToken(key, claims), trustStore, expected)).resolves.toEqual(claims)
    }
  })
})

describe('createTrustStore', () => {
  it('finds keys by computed kid, whatever the JWK claims', () => {
    const store = createTrustStore([{ ...key.jwk, kid: 'claimed' }, foreignKey.jwk])
    expect(store.find(key.kid)).toBeDefined()
    expect(store.find(foreignKey.kid)).toBeDefined()
    expect(store.find('claimed')).toBeUndefined()
    expect(store.find(undefined)).toBeUndefined()
  })

  const hex = (text: string): PublicJwk => ({ ...key.jwk, x: Buffer.from(text, 'hex').toString('base64url') })
  it.each<[string, unknown]>([
    ['an empty list', []],
    ['no list', key.jwk],
    ['null', [null]],
    ['an RSA key', [{ kty: 'RSA', n: 'AQAB', e: 'AQAB' }]],
    ['X25519', [{ ...key.jwk, crv: 'X25519' }]],
    ['31 bytes', [hex('aa'.repeat(31))]],
    ['a private key', [{ ...key.jwk, d: key.jwk.x }]],
    ['the neutral point', [hex(`01${'00'.repeat(31)}`)]],
    ['the neutral point with the sign bit', [hex(`01${'00'.repeat(30)}80`)]],
    ['a point of order 8', [hex('26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85')]],
  ])('refuses %s', (_, keys) => {
    expect(() => createTrustStore(keys as PublicJwk[])).toThrow(TypeError)
  })
})
