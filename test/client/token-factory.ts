import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { computeKid, type LicenseTokenClaims, type PublicJwk } from '../../src/protocol'

/** A key pair of a license server. */
export interface SigningKey {
  readonly jwk: PublicJwk
  readonly kid: string
  readonly privateKey: KeyObject
}

export const PRODUCT_ID = 'prod_0123456789abcdefghij'
export const LICENSE_KEY = 'T8XTR-AI21B-2990H-85SB5'
export const LICENSE_ID = 'lic_1'
export const HOST_ID = 'host-a'
export const NOW = new Date('2026-03-01T12:00:00.000Z')
export const DAY = 86_400

export function createSigningKey(): SigningKey {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const { x = '' } = publicKey.export({ format: 'jwk' })
  const jwk: PublicJwk = { kty: 'OKP', crv: 'Ed25519', x }
  return { jwk, kid: computeKid(jwk), privateKey }
}

/** Claims as the wire has them: issued at NOW, good for 14 days, grace of 7. */
export function createClaims(changes: Partial<LicenseTokenClaims> = {}, now = NOW): LicenseTokenClaims {
  const iat = Math.floor(now.getTime() / 1000)
  return {
    iss: 'keyslot',
    aud: PRODUCT_ID,
    productId: PRODUCT_ID,
    sub: LICENSE_KEY,
    key: LICENSE_KEY,
    machine: HOST_ID,
    type: 'offline',
    jti: 'jti-1',
    lid: LICENSE_ID,
    stamp: now.getTime(),
    iat,
    nbf: iat,
    exp: iat + 14 * DAY,
    license: {
      expiresAt: null,
      entitlements: ['export'],
      metadata: { seats: 3 },
      customerName: 'Ada',
      refreshAfter: iat + 7 * DAY,
      graceSeconds: 7 * DAY,
    },
    ...changes,
  }
}

/** Signs by node:crypto alone, so that what the kit accepts is not judged by its own library. */
export function signToken(key: SigningKey, claims: object, header: object = {}): string {
  const head = encode({ alg: 'EdDSA', kid: key.kid, typ: 'JWT', ...header })
  const input = `${head}.${encode(claims)}`
  return `${input}.${sign(null, Buffer.from(input), key.privateKey).toString('base64url')}`
}

export function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}
