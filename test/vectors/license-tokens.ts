import { createHmac } from 'node:crypto'
import { LICENSE_TOKEN_TYP, REVOCATION_LIST_TYP, toSpki } from '../../src/protocol'
import {
  claims,
  DAY,
  EXP,
  HOST_ID,
  HOUR,
  iso,
  misshapen,
  OTHER_HOST_ID,
  OTHER_PRODUCT_ID,
  PRODUCT_ID,
  SIGNED_AT,
  STAMP,
} from './claims'
import { encode, jws, partsOf, type Signing } from './jws'
import { KEYS, type KeyName } from './keys'
import { IDS, listClaims, revocationList } from './revocation-lists'

/** A license token, who judges it and when, and what comes of it: `valid`, `grace` or the code of why not. */
export interface LicenseTokenVector extends Judging {
  readonly name: string
  readonly token: string
  readonly result: string
}

/** What a verifier knows beside what it is to judge. */
export interface Judging {
  /** Unix seconds. */
  readonly now: number
  /** Names of the keys in the trust store. */
  readonly trusted: readonly KeyName[]
  readonly productId: string
  readonly machine: string
  /** Revocation lists, as they were fetched or carried here. */
  readonly revocationLists: readonly string[]
}

export const JUDGING: Judging = {
  now: SIGNED_AT + DAY,
  trusted: ['current', 'retired'],
  productId: PRODUCT_ID,
  machine: HOST_ID,
  revocationLists: [],
}

export function licenseTokens(): LicenseTokenVector[] {
  return [...good(), ...dated(), ...foreign(), ...altered(), ...misspelled(), ...unfit(), ...revoked()]
}

const token = (changes?: Parameters<typeof claims>[0], signing?: Signing) =>
  jws(LICENSE_TOKEN_TYP, claims(changes), signing)

function vector(name: string, result: string, text: string, judging: Partial<Judging> = {}): LicenseTokenVector {
  return { name, ...JUDGING, ...judging, token: text, result }
}

function good(): LicenseTokenVector[] {
  const beyondAscii = { customerName: 'Zoë Ångström · 株式会社', metadata: { 'a/b': ['"', '\\', '😀'] } }
  const atTheEnd = { expiresAt: iso(EXP) }
  return [
    vector('a token', 'valid', token()),
    vector('signed with another trusted key', 'valid', token({}, { by: KEYS.retired })),
    vector('names beyond ASCII', 'valid', token({ license: beyondAscii })),
    vector(
      'nothing granted by name',
      'valid',
      token({ license: { entitlements: [], metadata: null, customerName: null } }),
    ),
    vector('ends with its license', 'valid', token({ license: atTheEnd })),
    vector(
      'a license that ends after the year 9999',
      'valid',
      token({ license: { expiresAt: '+012026-01-01T00:00:00.000Z' } }),
    ),
    vector('answers a request', 'valid', token({ nonce: 'mB2vN8xQ4wZ6rT0y', ren: 7 })),
    vector('claims that nobody knows yet', 'valid', jws(LICENSE_TOKEN_TYP, { ...claims(), later: { than: 'today' } })),
  ]
}

/** Between `exp` and five minutes after it, verifiers may differ: no vector is judged then. */
function dated(): LicenseTokenVector[] {
  const noGrace = token({ license: { graceSeconds: 0 } })
  const endsLate = token({ license: { expiresAt: '+012026-01-01T00:00:00.000Z' } })
  const endsInGrace = token({ license: { expiresAt: iso(EXP + 12 * HOUR) } })
  return [
    vector('the last second', 'valid', token(), { now: EXP - 1 }),
    vector('signed by a clock 299 s ahead', 'valid', token(), { now: SIGNED_AT - 299 }),
    vector('signed by a clock 301 s ahead', 'TOKEN_NOT_YET_VALID', token(), { now: SIGNED_AT - 301 }),
    vector('not before tomorrow', 'TOKEN_NOT_YET_VALID', token({ nbf: SIGNED_AT + 2 * DAY })),
    vector('ended 301 s ago, without grace', 'TOKEN_EXPIRED', noGrace, { now: EXP + 301 }),
    vector('ended 301 s ago', 'grace', token(), { now: EXP + 301 }),
    vector('the last second of grace', 'grace', token(), { now: EXP + 7 * DAY - 1 }),
    vector('grace is over', 'TOKEN_EXPIRED', token(), { now: EXP + 7 * DAY }),
    vector('in grace, until the license ends', 'grace', endsInGrace, { now: EXP + 11 * HOUR }),
    vector('in grace, of a license that ends after the year 9999', 'grace', endsLate, { now: EXP + DAY }),
    vector('no grace beyond the end of the license', 'TOKEN_EXPIRED', endsInGrace, { now: EXP + 13 * HOUR }),
    vector('ended with its license, long ago', 'TOKEN_EXPIRED', token({ license: { expiresAt: iso(EXP) } }), {
      now: EXP + DAY,
    }),
  ]
}

/** Not signed as it must be. */
function foreign(): LicenseTokenVector[] {
  const { current, retired, stranger } = KEYS
  const hmacBy = (secret: string | Buffer): Signing => ({
    header: { alg: 'HS256' },
    signature: (text) => createHmac('sha256', secret).update(text).digest(),
  })
  const unsigned = { header: { alg: 'none' }, signature: () => Buffer.alloc(0) }
  const carriesItsKey = { by: stranger, header: { jwk: stranger.publicJwk } }
  const underOurKid = { by: stranger, header: { kid: current.kid } }
  return [
    vector('alg none, unsigned', 'TOKEN_ALGORITHM', token({}, unsigned)),
    vector('alg none, signed all the same', 'TOKEN_ALGORITHM', token({}, { header: { alg: 'none' } })),
    vector(
      'alg HS256 by the public key',
      'TOKEN_ALGORITHM',
      token({}, hmacBy(toSpki(current.publicJwk).subarray(-32))),
    ),
    vector('alg HS256 by the x of the JWK', 'TOKEN_ALGORITHM', token({}, hmacBy(current.publicJwk.x))),
    vector('alg in another case', 'TOKEN_ALGORITHM', token({}, { header: { alg: 'eddsa' } })),
    vector("a stranger's key", 'TOKEN_KEY_UNKNOWN', token({}, { by: stranger })),
    vector("a stranger's key, in the header", 'TOKEN_KEY_UNKNOWN', token({}, carriesItsKey)),
    vector('a key that is trusted no more', 'TOKEN_KEY_UNKNOWN', token({}, { by: retired }), { trusted: ['current'] }),
    vector('no kid', 'TOKEN_KEY_UNKNOWN', token({}, { header: { kid: undefined } })),
    vector("a stranger's signature under a trusted kid", 'TOKEN_SIGNATURE', token({}, underOurKid)),
    vector(
      'the kid of another trusted key',
      'TOKEN_SIGNATURE',
      token({}, { by: retired, header: { kid: current.kid } }),
    ),
  ]
}

function altered(): LicenseTokenVector[] {
  const [header, payload, signature] = partsOf(token())
  const bytes = Buffer.from(signature, 'base64url')
  const flipped = Buffer.from(bytes)
  flipped.writeUInt8(flipped.readUInt8(0) ^ 1, 0)
  const longer = encode(claims({ exp: EXP + 365 * DAY }))
  const otherHead = encode({ typ: 'JWT', alg: 'EdDSA', kid: KEYS.current.kid })
  const ofAnother = partsOf(token({ jti: 'another' }))[2]
  return [
    vector('a later end, unsigned', 'TOKEN_SIGNATURE', `${header}.${longer}.${signature}`),
    vector('the header written anew', 'TOKEN_SIGNATURE', `${otherHead}.${payload}.${signature}`),
    vector('a signature of another token', 'TOKEN_SIGNATURE', `${header}.${payload}.${ofAnother}`),
    vector('one bit of the signature', 'TOKEN_SIGNATURE', `${header}.${payload}.${flipped.toString('base64url')}`),
    vector(
      'a short signature',
      'TOKEN_SIGNATURE',
      `${header}.${payload}.${bytes.subarray(0, 63).toString('base64url')}`,
    ),
    vector('a signature of zeros', 'TOKEN_SIGNATURE', `${header}.${payload}.${Buffer.alloc(64).toString('base64url')}`),
    vector(
      'S of the signature plus the order of the group (RFC 8032 §5.1.7)',
      'TOKEN_SIGNATURE',
      `${header}.${payload}.${plusOrder(bytes).toString('base64url')}`,
    ),
  ]
}

/** The same signature to whoever does not ask that S is below L. */
function plusOrder(signature: Buffer): Buffer {
  const order = 2n ** 252n + 27742317777372353535851937790883648493n
  const s = BigInt(`0x${Buffer.from(signature.subarray(32)).reverse().toString('hex')}`) + order
  const bytes = Buffer.from(s.toString(16).padStart(64, '0'), 'hex').reverse()
  return Buffer.concat([signature.subarray(0, 32), bytes])
}

/** Every token has one spelling. */
function misspelled(): LicenseTokenVector[] {
  const text = token()
  const [header, payload, signature] = partsOf(text)
  // The last character of 64 bytes carries two bits; the others must be zero.
  const strayBits = `${text.slice(0, -1)}${{ A: 'B', Q: 'R', g: 'h', w: 'x' }[text.slice(-1)]}`
  return [
    vector('nothing', 'TOKEN_MALFORMED', ''),
    vector('no token', 'TOKEN_MALFORMED', 'T8XTR-AI21B-2990H-85SB5'),
    vector('two parts', 'TOKEN_MALFORMED', `${header}.${payload}`),
    vector('a fourth part', 'TOKEN_MALFORMED', `${text}.${signature}`),
    vector('a dot at the end', 'TOKEN_MALFORMED', `${text}.`),
    vector('a line feed at the end', 'TOKEN_MALFORMED', `${text}\n`),
    vector('white space before it', 'TOKEN_MALFORMED', ` ${text}`),
    vector('padding', 'TOKEN_MALFORMED', `${text}==`),
    vector('stray bits in the last character', 'TOKEN_MALFORMED', strayBits),
    vector('a payload that is no JSON', 'TOKEN_MALFORMED', jws(LICENSE_TOKEN_TYP, '{"iss":"keyslot"')),
    vector('a payload that is no object', 'TOKEN_MALFORMED', jws(LICENSE_TOKEN_TYP, [claims()])),
    vector('data behind the payload', 'TOKEN_MALFORMED', jws(LICENSE_TOKEN_TYP, `${JSON.stringify(claims())}{}`)),
    vector(
      'an extension that must be understood',
      'TOKEN_MALFORMED',
      token({}, { header: { crit: ['later'], later: true } }),
    ),
  ]
}

/** Genuine, but not for this app or this host, or not a license token. */
function unfit(): LicenseTokenVector[] {
  const shaped = (name: Parameters<typeof misshapen>[0], value?: unknown) =>
    jws(LICENSE_TOKEN_TYP, misshapen(name, value))
  const bound = { cnf: { jkt: 'oKIywvGUpTVTyxMQ3bwIIeQUudfr_CkLMjCE19ECD-U' } }
  return [
    vector('typ of a revocation list', 'TOKEN_CLAIMS', jws(REVOCATION_LIST_TYP, claims())),
    vector('a revocation list', 'TOKEN_CLAIMS', revocationList()),
    vector('no typ', 'TOKEN_CLAIMS', token({}, { header: { typ: undefined } })),
    vector('no exp', 'TOKEN_CLAIMS', shaped('exp')),
    vector('exp as text', 'TOKEN_CLAIMS', shaped('exp', '2026-06-29')),
    vector('no nbf', 'TOKEN_CLAIMS', shaped('nbf')),
    vector('no machine', 'TOKEN_CLAIMS', shaped('machine')),
    vector('no license', 'TOKEN_CLAIMS', shaped('license')),
    vector('no grace period', 'TOKEN_CLAIMS', shaped('license', { ...claims().license, graceSeconds: undefined })),
    vector('another type', 'TOKEN_CLAIMS', shaped('type', 'online')),
    vector('another issuer', 'TOKEN_CLAIMS', token({ iss: 'somebody' })),
    vector('two license keys', 'TOKEN_CLAIMS', token({ sub: 'AAAAA-BBBBB-CCCCC-DDDDD' })),
    vector('a list of audiences', 'TOKEN_CLAIMS', shaped('aud', [PRODUCT_ID])),
    vector('another product', 'TOKEN_WRONG_PRODUCT', token(), { productId: OTHER_PRODUCT_ID }),
    vector('another product, for our audience', 'TOKEN_WRONG_PRODUCT', token({ productId: OTHER_PRODUCT_ID })),
    vector('another audience', 'TOKEN_WRONG_PRODUCT', token({ aud: OTHER_PRODUCT_ID })),
    vector('another machine', 'TOKEN_WRONG_HOST', token(), { machine: OTHER_HOST_ID }),
    vector('the machine in another case', 'TOKEN_WRONG_HOST', token(), { machine: HOST_ID.toUpperCase() }),
    vector("bound to a key that is not the verifier's", 'TOKEN_WRONG_HOST', token(bound)),
  ]
}

function revoked(): LicenseTokenVector[] {
  const under = (name: string, result: string, ...revocationLists: string[]) =>
    vector(name, result, token(), { revocationLists })
  const { LICENSE, ACTIVATION, OTHER_ACTIVATION } = IDS
  const end = EXP + 7 * DAY
  return [
    under('an empty revocation list', 'valid', revocationList()),
    under('its license is revoked', 'REVOKED', revocationList([[LICENSE, STAMP + 1, end]])),
    under('revoked by the very same stamp', 'REVOKED', revocationList([[LICENSE, STAMP, end]])),
    under('made after the revocation', 'valid', revocationList([[LICENSE, STAMP - 1, end]])),
    under('its activation is revoked', 'REVOKED', revocationList([[ACTIVATION, STAMP, end]])),
    under("another host's activation is revoked", 'valid', revocationList([[OTHER_ACTIVATION, STAMP, end]])),
    under('the entry has ended', 'REVOKED', revocationList([[LICENSE, STAMP, SIGNED_AT]])),
    under('by a list of all products', 'REVOKED', revocationList([[LICENSE, STAMP, end]], { product: null })),
    under('by the second of two lists', 'REVOKED', revocationList(), revocationList([[LICENSE, STAMP, end]])),
    under(
      "by a stranger's list, which is none",
      'valid',
      revocationList([[LICENSE, STAMP, end]], {}, { by: KEYS.stranger }),
    ),
    under(
      'by a token that says it is a list, which is none',
      'valid',
      jws(LICENSE_TOKEN_TYP, listClaims([[LICENSE, STAMP, end]])),
    ),
  ]
}
