import { createHash, createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'
import { computeFingerprint, computeKid, type PublicJwk } from '../../src/protocol'

/** A key pair that everybody has: its private part is made of its name. */
export interface TestKey {
  readonly kid: string
  readonly publicJwk: PublicJwk
  readonly privateKey: KeyObject
}

export type KeyName = 'current' | 'retired' | 'stranger'

/** What comes before the 32 private bytes of an Ed25519 key in PKCS #8 (RFC 8410 §7). */
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex')

/** The keys of the vectors. Nobody is to trust `stranger`. */
export const KEYS: Readonly<Record<KeyName, TestKey>> = {
  current: testKey('current'),
  retired: testKey('retired'),
  stranger: testKey('stranger'),
}

/** The public keys as the vectors show them. */
export function shownKeys() {
  return Object.fromEntries(
    Object.entries(KEYS).map(([name, { kid, publicJwk, privateKey }]) => [
      name,
      {
        kid,
        jwk: publicJwk,
        pem: createPublicKey(privateKey).export({ type: 'spki', format: 'pem' }),
        fingerprint: computeFingerprint(publicJwk),
      },
    ]),
  )
}

/** The public keys of those names. */
export function jwksOf(names: readonly KeyName[]): PublicJwk[] {
  return names.map((name) => KEYS[name].publicJwk)
}

function testKey(name: KeyName): TestKey {
  const seed = createHash('sha256').update(`keyslot test vectors, never to be trusted: ${name}`).digest()
  const privateKey = createPrivateKey({ key: Buffer.concat([PKCS8_PREFIX, seed]), format: 'der', type: 'pkcs8' })
  const { x = '' } = createPublicKey(privateKey).export({ format: 'jwk' })
  const publicJwk: PublicJwk = { kty: 'OKP', crv: 'Ed25519', x }
  return { kid: computeKid(publicJwk), publicJwk, privateKey }
}
