import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import * as z from 'zod'
import { computeKid, type PublicJwk } from '../../protocol/jwk'
import { LicenseError } from '../../protocol/license-error'

/** An Ed25519 key pair that signs license tokens. */
export interface SigningKey {
  readonly kid: string
  readonly privateKey: KeyObject
  readonly publicJwk: PublicJwk
  readonly createdAt: Date
  /** When it stopped signing; null for the current key. */
  readonly retiredAt: Date | null
  /** When it was declared stolen; null for a key that is trusted. */
  readonly revokedAt: Date | null
}

/**
 * The server's signing keys: the current one signs, retired ones still verify. Revoked ones are kept to be named as
 * such, for good.
 */
export interface Keyring {
  readonly current: SigningKey
  readonly retired: readonly SigningKey[]
  readonly revoked: readonly SigningKey[]
  /** True for a keyring that is kept nowhere. */
  readonly ephemeral?: true
}

const storedKey = z.object({
  createdAt: z.iso.datetime(),
  retiredAt: z.iso.datetime().nullable(),
  revokedAt: z.iso.datetime().optional(),
  privateKey: z.object({ kty: z.literal('OKP'), crv: z.literal('Ed25519'), x: z.string(), d: z.string() }),
})
const storedKeyring = z.object({ version: z.literal(1), keys: z.array(storedKey).min(1) })

/** A keyring of one new key. Kept nowhere: every shipped app that trusts it is lost with the process. */
export function createKeyring(now: Date): Keyring {
  return { current: createSigningKey(now), retired: [], revoked: [], ephemeral: true }
}

/**
 * A keyring with a new current key; the present one retires. The client kit follows by itself; other verifiers that pin
 * keys need the new public key before anything is signed with it.
 */
export function rotateKeyring(keyring: Keyring, now: Date): Keyring {
  const at = afterLastChange(keyring, now)
  const retired = [{ ...keyring.current, retiredAt: at }, ...keyring.retired]
  return { current: createSigningKey(at), retired, revoked: keyring.revoked }
}

/**
 * A keyring that no longer trusts a retired key, for one that has leaked. A key that is revoked already stays as it is.
 * @throws {LicenseError} INVALID_REQUEST when the keyring holds no key of that `kid`, or it is the current one
 */
export function revokeKey(keyring: Keyring, kid: string, now: Date): Keyring {
  if (keyring.current.kid === kid) {
    throw refusedKid(`the key ${kid} is the current one: rotate the keyring first, then revoke it`)
  }
  if (keyring.revoked.some((key) => key.kid === kid)) return keyring
  const leaked = keyring.retired.find((key) => key.kid === kid)
  if (leaked === undefined) throw refusedKid(`the keyring holds no key ${kid}`)
  const revokedAt = afterLastChange(keyring, now)
  const retired = keyring.retired.filter((key) => key !== leaked)
  return { ...keyring, retired, revoked: [{ ...leaked, revokedAt }, ...keyring.revoked] }
}

/** Every key, revoked ones included; current key first. */
export function allKeys(keyring: Pick<Keyring, 'current' | 'retired' | 'revoked'>): readonly SigningKey[] {
  return [...trustedKeys(keyring), ...keyring.revoked]
}

/** The keys whose signatures count, current key first. */
export function trustedKeys({ current, retired }: Pick<Keyring, 'current' | 'retired'>): readonly SigningKey[] {
  return [current, ...retired]
}

/** When a key was last made, retired or revoked. */
export function lastChangeOf(keyring: Pick<Keyring, 'current' | 'retired' | 'revoked'>): Date {
  const instants = allKeys(keyring).flatMap(({ createdAt, retiredAt, revokedAt }) => [createdAt, retiredAt, revokedAt])
  return new Date(Math.max(...instants.map((instant) => instant?.getTime() ?? 0)))
}

/** The keyring as JSON text, private keys included. */
export function serializeKeyring(keyring: Keyring): string {
  const keys = allKeys(keyring).map((key) => ({
    createdAt: key.createdAt.toISOString(),
    retiredAt: key.retiredAt?.toISOString() ?? null,
    ...(key.revokedAt && { revokedAt: key.revokedAt.toISOString() }),
    privateKey: key.privateKey.export({ format: 'jwk' }),
  }))
  return `${JSON.stringify({ version: 1, keys }, null, 2)}\n`
}

/**
 * The keyring in JSON text.
 * @param source where the text came from, for the message; the text itself never appears in one
 * @throws {LicenseError} KEYRING_INVALID when it is no keyring, has not exactly one current key, or that is revoked
 */
export function parseKeyring(text: string, source: string): Keyring {
  const keys = parseKeys(text, source)
  const current = keys.filter((key) => key.retiredAt === null)
  const [first] = current
  if (first === undefined || current.length > 1) {
    throw new LicenseError('KEYRING_INVALID', `the keyring in ${source} has ${current.length} current keys, not one`)
  }
  if (first.revokedAt !== null) throw new LicenseError('KEYRING_INVALID', `the current key in ${source} is revoked`)
  const others = keys.filter((key) => key !== first)
  return {
    current: first,
    retired: others.filter(({ revokedAt }) => revokedAt === null),
    revoked: others.filter(({ revokedAt }) => revokedAt !== null),
  }
}

function parseKeys(text: string, source: string): readonly SigningKey[] {
  try {
    return storedKeyring.parse(JSON.parse(text)).keys.map(({ privateKey, createdAt, retiredAt, revokedAt }) => ({
      ...toSigningKey(createPrivateKey({ key: privateKey, format: 'jwk' }), new Date(createdAt)),
      retiredAt: retiredAt === null ? null : new Date(retiredAt),
      revokedAt: revokedAt === undefined ? null : new Date(revokedAt),
    }))
  } catch {
    // The cause is left out on purpose: a parser's message may quote the private key.
    throw new LicenseError('KEYRING_INVALID', `${source} does not hold a keyslot keyring`)
  }
}

function createSigningKey(now: Date): SigningKey {
  return toSigningKey(generateKeyPairSync('ed25519').privateKey, now)
}

function toSigningKey(privateKey: KeyObject, createdAt: Date): SigningKey {
  const { x } = createPublicKey(privateKey).export({ format: 'jwk' })
  if (x === undefined) throw new TypeError('not an Ed25519 private key')
  const bare: PublicJwk = { kty: 'OKP', crv: 'Ed25519', x }
  const kid = computeKid(bare)
  const publicJwk: PublicJwk = { ...bare, kid, alg: 'EdDSA', use: 'sig' }
  return { kid, privateKey, publicJwk, createdAt, retiredAt: null, revokedAt: null }
}

/** Each change is later than the one before, whatever the clock says: apps refuse what seems older than they know. */
function afterLastChange(keyring: Keyring, now: Date): Date {
  return new Date(Math.max(now.getTime(), lastChangeOf(keyring).getTime() + 1))
}

function refusedKid(message: string): LicenseError {
  return new LicenseError('INVALID_REQUEST', message, { detail: { field: 'kid' } })
}
