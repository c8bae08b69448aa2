import { createPublicKey, type KeyObject } from 'node:crypto'
import { computeKid, type PublicJwk, toSpki } from '../../protocol'

/** The public keys that are trusted, found by the `kid` computed from each. */
export interface TrustStore {
  /** The key of that `kid`; undefined when no trusted key has it. Any value may be asked for. */
  find(kid: unknown): KeyObject | undefined
  readonly kids: readonly string[]
}

/**
 * The Ed25519 points of small order, with the sign bit cleared. Anybody can make a signature that verifiers accept for such
 * a "key". No honest key is one of them.
 */
const SMALL_ORDER = new Set([
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
])

/**
 * Imports the keys that an app pins. They are imported as Ed25519 keys, never as bytes: a verifier would take bytes for an
 * HMAC secret.
 *
 * @throws {TypeError} when there is no key, or a key is no Ed25519 public key, is private, or is a point of small order
 * @see RFC 8725 §3.1, RFC 8037 §2
 */
export function createTrustStore(trustedKeys: readonly PublicJwk[]): TrustStore {
  if (!Array.isArray(trustedKeys) || trustedKeys.length === 0) {
    throw new TypeError('trustedKeys must be a list of at least one public key (JWK)')
  }
  const keys = new Map<unknown, KeyObject>()
  const kids = trustedKeys.map(kidOf)
  for (const [index, jwk] of trustedKeys.entries()) keys.set(kids[index], importKey(jwk))
  return { find: (kid) => keys.get(kid), kids }
}

function kidOf(jwk: PublicJwk): string {
  if (typeof jwk !== 'object' || jwk === null) throw new TypeError('a trusted key must be a JWK object')
  if ('d' in jwk) throw new TypeError('a trusted key holds its private part (d), which must never ship in an app')
  return computeKid(jwk)
}

function importKey(jwk: PublicJwk): KeyObject {
  const bytes = toSpki(jwk).subarray(-32)
  bytes.writeUInt8(bytes.readUInt8(31) & 0x7f, 31)
  if (SMALL_ORDER.has(bytes.toString('hex'))) throw new TypeError('a trusted key is a point of small order')
  return createPublicKey({ key: { kty: jwk.kty, crv: jwk.crv, x: jwk.x }, format: 'jwk' })
}
