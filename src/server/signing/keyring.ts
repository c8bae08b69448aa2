import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { z } from 'zod'
import { computeKid, type JwkSet, type PublicJwk } from '../../protocol/jwk'
import { LicenseError } from '../../protocol/license-error'

/** An Ed25519 key pair that signs license tokens. */
export interface SigningKey {
  readonly kid: string
  readonly privateKey: KeyObject
  readonly publicJwk: PublicJwk
  readonly createdAt: Date
  /** When it stopped signing; null for the current key. */
  readonly retiredAt: Date | null
}

/** The server's signing keys: the current one signs, retired ones still verify. */
export interface Keyring {
  readonly current: SigningKey
  readonly retired: readonly SigningKey[]
  /** True for a keyring that is kept nowhere. */
  readonly ephemeral?: true
}

const storedKey = z.object({
  createdAt: z.iso.datetime(),
  retiredAt: z.iso.datetime().nullable(),
  privateKey: z.object({ kty: z.literal('OKP'), crv: z.literal('Ed25519'), x: z.string(), d: z.string() }),
})
const storedKeyring = z.object({ version: z.literal(1), keys: z.array(storedKey).min(1) })

/** A keyring of one new key. Kept nowhere: every shipped app that trusts it is lost with the process. */
export function createKeyring(now: Date): Keyring {
  return { current: createSigningKey(now), retired: [], ephemeral: true }
}

/** A keyring with a new current key; the present one retires. Publish the new public key to apps before signing with it. */
export function rotateKeyring(keyring: Keyring, now: Date): Keyring {
  return { current: createSigningKey(now), retired: [{ ...keyring.current, retiredAt: now }, ...keyring.retired] }
}

/** Current key first. */
export function allKeys(keyring: Keyring): readonly SigningKey[] {
  return [keyring.current, ...keyring.retired]
}

/** The public keys as a JWK set (RFC 7517 §5), current first. */
export function publicJwks(keyring: Keyring): JwkSet {
  return { keys: allKeys(keyring).map((key) => key.publicJwk) }
}

/** The keyring as JSON text, private keys included. */
export function serializeKeyring(keyring: Keyring): string {
  const keys = allKeys(keyring).map((key) => ({
    createdAt: key.createdAt.toISOString(),
    retiredAt: key.retiredAt?.toISOString() ?? null,
    privateKey: key.privateKey.export({ format: 'jwk' }),
  }))
  return `${JSON.stringify({ version: 1, keys }, null, 2)}\n`
}

/**
 * The keyring in JSON text.
 * @param source where the text came from, for the message; the text itself never appears in one
 * @throws {LicenseError} KEYRING_INVALID when it is no keyring, or has not exactly one current key
 */
export function parseKeyring(text: string, source: string): Keyring {
  const keys = parseKeys(text, source)
  const current = keys.filter((key) => key.retiredAt === null)
  const [first] = current
  if (first === undefined || current.length > 1) {
    throw new LicenseError('KEYRING_INVALID', `the keyring in ${source} has ${current.length} current keys, not one`)
  }
  return { current: first, retired: keys.filter((key) => key !== first) }
}

function parseKeys(text: string, source: string): readonly SigningKey[] {
  try {
    return storedKeyring
      .parse(JSON.parse(text))
      .keys.map((key) =>
        toSigningKey(
          createPrivateKey({ key: key.privateKey, format: 'jwk' }),
          new Date(key.createdAt),
          key.retiredAt === null ? null : new Date(key.retiredAt),
        ),
      )
  } catch {
    // The cause is left out on purpose: a parser's message may quote the private key.
    throw new LicenseError('KEYRING_INVALID', `${source} does not hold a keyslot keyring`)
  }
}

function createSigningKey(now: Date): SigningKey {
  return toSigningKey(generateKeyPairSync('ed25519').privateKey, now, null)
}

function toSigningKey(privateKey: KeyObject, createdAt: Date, retiredAt: Date | null): SigningKey {
  const { x } = createPublicKey(privateKey).export({ format: 'jwk' })
  if (x === undefined) throw new TypeError('not an Ed25519 private key')
  const bare: PublicJwk = { kty: 'OKP', crv: 'Ed25519', x }
  const kid = computeKid(bare)
  return { kid, privateKey, publicJwk: { ...bare, kid, alg: 'EdDSA', use: 'sig' }, createdAt, retiredAt }
}
