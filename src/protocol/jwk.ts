import { createHash } from 'node:crypto'

/** An Ed25519 public key as a JWK (RFC 8037 §2). */
export interface PublicJwk {
  readonly kty: 'OKP'
  readonly crv: 'Ed25519'
  /** base64url of the 32 public bytes. */
  readonly x: string
  readonly kid?: string
  readonly alg?: string
  readonly use?: string
}

/** A JWK set (RFC 7517 §5). */
export interface JwkSet {
  readonly keys: readonly PublicJwk[]
  /** Key statements (compact JWS); present where there is more to say of the keys than that there is this one. */
  readonly statements?: readonly string[]
}

/** The fixed head of every Ed25519 SubjectPublicKeyInfo (RFC 8410 §4); the 32 public bytes follow. */
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex')

/**
 * The public key as SPKI DER.
 * @throws {TypeError} when the JWK is no Ed25519 public key of 32 bytes
 */
export function toSpki(jwk: PublicJwk): Buffer {
  const bytes = jwk.kty === 'OKP' && jwk.crv === 'Ed25519' && typeof jwk.x === 'string' ? decode(jwk.x) : undefined
  if (bytes?.length !== 32) throw new TypeError('not an Ed25519 public key (JWK kty OKP, crv Ed25519, x of 32 bytes)')
  return Buffer.concat([SPKI_PREFIX, bytes])
}

/** The key id: base64url(SHA-256(SPKI DER)), computed, never trusted from the JWK. */
export function computeKid(jwk: PublicJwk): string {
  return createHash('sha256').update(toSpki(jwk)).digest('base64url')
}

/** The public key's fingerprint as `.lic` files carry it: lower-case hex SHA-256 of the SPKI DER. */
export function computeFingerprint(jwk: PublicJwk): string {
  return createHash('sha256').update(toSpki(jwk)).digest('hex')
}

function decode(text: string): Buffer | undefined {
  return /^[A-Za-z0-9_-]{43}$/.test(text) ? Buffer.from(text, 'base64url') : undefined
}
