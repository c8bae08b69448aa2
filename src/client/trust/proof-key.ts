import { createHash, createPrivateKey, createPublicKey } from 'node:crypto'
import type { LicenseTokenClaims } from '../../protocol'
import { isRecord } from '../../protocol/json'

/** The Ed25519 key pair an activation is bound to, as the two parts of its JWK: base64url of 32 bytes each. */
export interface ProofKey {
  /** The public part. */
  readonly x: string
  /** The private part: never to be shown, sent or logged. */
  readonly d: string
}

/** 32 bytes in the one base64url spelling that has no stray bits. */
const BYTES_32 = /^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/

/**
 * Whether a value is a key pair whose two parts belong together. With parts that do not, a host could not prove itself and
 * would not know why. Costs 30 µs.
 */
export function isProofKey(value: unknown): value is ProofKey {
  return isRecord(value) && isBytes32(value.x) && isBytes32(value.d) && isPair({ x: value.x, d: value.d })
}

function isBytes32(value: unknown): value is string {
  return typeof value === 'string' && BYTES_32.test(value)
}

/** Node before 24.22 reads `d` alone and derives the public part; later ones throw where `x` is another. */
function isPair({ x, d }: ProofKey): boolean {
  try {
    const key = { kty: 'OKP', crv: 'Ed25519', x, d }
    return createPublicKey(createPrivateKey({ key, format: 'jwk' })).export({ format: 'jwk' }).x === x
  } catch {
    return false
  }
}

/** Whether a license token is for the holder of this key. A token that names no key is for every holder. */
export function isBoundTo({ cnf }: LicenseTokenClaims, proofKey: Pick<ProofKey, 'x'> | undefined): boolean {
  return cnf === undefined || (proofKey !== undefined && cnf.jkt === thumbprintOf(proofKey))
}

/** @see RFC 7638 §3, with the members RFC 8037 §2 requires of such a key */
export function thumbprintOf({ x }: Pick<ProofKey, 'x'>): string {
  return createHash('sha256').update(`{"crv":"Ed25519","kty":"OKP","x":"${x}"}`).digest('base64url')
}
