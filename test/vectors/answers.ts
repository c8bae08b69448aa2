import { askedLicense, SIGNED_ANSWER_TYP, SIGNED_LEASE_TYP, SIGNED_TIME_TYP } from '../../src/protocol'
import { DAY, HOST_ID, HOUR, ISSUER, LICENSE_KEY, OTHER_HOST_ID, PRODUCT_ID, SIGNED_AT } from './claims'
import { jws, partsOf, type Signing } from './jws'
import { KEYS, type KeyName } from './keys'

/** A signed no, and the request that it is to answer. */
export interface SignedAnswerVector {
  readonly name: string
  readonly trusted: readonly KeyName[]
  /** The JSON body of the request. */
  readonly request: Readonly<Record<string, string>>
  readonly nonce: string
  /** The code that the answer has in its header `Keyslot-Error`. */
  readonly code: string
  /** Its header `Keyslot-Answer`. */
  readonly answer: string
  readonly result: string
}

/** A signed lease of a floating seat, and the request that it is to answer. */
export interface SignedLeaseVector {
  readonly name: string
  readonly trusted: readonly KeyName[]
  readonly nonce: string
  readonly session: string
  /** What the answer says beside it: ISO 8601. */
  readonly expiresAt: string
  readonly lease: string
  /** How many seconds the seat is good beyond its lease while nobody answers, of four hours at most; 0 for a lease that is not good. */
  readonly outageSeconds: number
}

const NONCE = 'mB2vN8xQ4wZ6rT0yH5kL'
const OTHER_NONCE = 'zzzzzzzzzzzzzzzzzzzz'
const TRUSTED = ['current', 'retired'] as const

export function signedAnswers(): SignedAnswerVector[] {
  const code = 'LICENSE_BLOCKED'
  const request = { productId: PRODUCT_ID, licenseKey: LICENSE_KEY, hostId: HOST_ID }
  const subject = { product: PRODUCT_ID, license: askedLicense(LICENSE_KEY), host: HOST_ID }
  const answer = (changes: object = {}, signing?: Signing) =>
    jws(SIGNED_ANSWER_TYP, { iss: ISSUER, iat: SIGNED_AT, nonce: NONCE, code, ...subject, ...changes }, signing)
  const vector = (name: string, result: string, text: string): SignedAnswerVector => ({
    name,
    trusted: TRUSTED,
    request,
    nonce: NONCE,
    code,
    answer: text,
    result,
  })
  const [header, , signature] = partsOf(answer())
  const otherCode = partsOf(answer({ code: 'LICENSE_EXPIRED' }))[1]
  return [
    vector('a no', 'valid', answer()),
    vector(
      'to a host that has proven its key',
      'valid',
      answer({ proof: 'oKIywvGUpTVTyxMQ3bwIIeQUudfr_CkLMjCE19ECD-U' }),
    ),
    vector('to another nonce: played again', 'TOKEN_CLAIMS', answer({ nonce: OTHER_NONCE })),
    vector('with another code', 'TOKEN_CLAIMS', answer({ code: 'LICENSE_EXPIRED' })),
    vector('to another license key', 'TOKEN_CLAIMS', answer({ license: askedLicense(LICENSE_KEY.toLowerCase()) })),
    vector('to another host', 'TOKEN_CLAIMS', answer({ host: OTHER_HOST_ID })),
    vector('to no product', 'TOKEN_CLAIMS', answer({ product: null })),
    vector('typ of a signed time', 'TOKEN_CLAIMS', answer({}, { header: { typ: SIGNED_TIME_TYP } })),
    vector('another code written over it', 'TOKEN_SIGNATURE', `${header}.${otherCode}.${signature}`),
    vector("a stranger's key", 'TOKEN_KEY_UNKNOWN', answer({}, { by: KEYS.stranger })),
    vector('alg none', 'TOKEN_ALGORITHM', answer({}, { header: { alg: 'none' } })),
    vector('nothing', 'TOKEN_MALFORMED', ''),
  ]
}

export function signedLeases(): SignedLeaseVector[] {
  const session = 'sess_8dF1kQ3mB7xK9vT2n'
  const exp = SIGNED_AT + HOUR
  const lease = (changes: object = {}, signing?: Signing) =>
    jws(SIGNED_LEASE_TYP, { iss: ISSUER, iat: SIGNED_AT, exp, end: null, nonce: NONCE, session, ...changes }, signing)
  const vector = (name: string, outageSeconds: number, text: string): SignedLeaseVector => ({
    name,
    trusted: TRUSTED,
    nonce: NONCE,
    session,
    expiresAt: new Date(exp * 1000 + 250).toISOString(),
    lease: text,
    outageSeconds,
  })
  const [header, , signature] = partsOf(lease())
  const longer = partsOf(lease({ exp: exp + DAY }))[1]
  return [
    vector('a lease', 4 * HOUR, lease()),
    vector('of a license that ends in a month', 4 * HOUR, lease({ end: exp + 30 * DAY })),
    vector('of a license that ends two hours after it', 2 * HOUR, lease({ end: exp + 2 * HOUR })),
    vector('of a license that ends with it', 0, lease({ end: exp })),
    vector('to another nonce', 0, lease({ nonce: OTHER_NONCE })),
    vector('of another session', 0, lease({ session: 'sess_another' })),
    vector('another end than the answer says', 0, lease({ exp: exp + DAY })),
    vector('typ of a license token', 0, lease({}, { header: { typ: 'JWT' } })),
    vector('another issuer', 0, lease({ iss: 'somebody' })),
    vector('a later end', 0, `${header}.${longer}.${signature}`),
    vector("a stranger's key", 0, lease({}, { by: KEYS.stranger })),
    vector('alg none', 0, lease({}, { header: { alg: 'none' } })),
  ]
}
