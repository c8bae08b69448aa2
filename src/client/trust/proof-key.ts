import { createHash, createPrivateKey, createPublicKey } from 'node:crypto'
import type { LicenseTokenClaims } from '../../protocol'
import { isRecord } from '../words/claims'

/** The Ed25519 key pair an activation is bound to, as the two parts of its JWK: base64url of 32 bytes each. */
export interface ProofKey {
  /** The public part. */
  readonly x: string
  /** The private part: never to be shown, sent or logged. */
  readonly d: string
}

/** In the one spelling without stray bits. */
const BYTES_32 = /^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/

/** Also whether the parts belong together: with half a key a host could neither prove itself nor tell why not. 30 µs. */
export function isProofKey(value: unknown): value is ProofKey {
  return isRecord(value) && isBytes32(value.x) && isBytes32(value.d) && publicPartOf(value.d) === value.x
}

function isBytes32(value: unknown): value is string {
  return typeof value === 'string' && BYTES_32.test(value)
}

function publicPartOf(d: string): string | undefined {
  // Node reads nothing but `d`.
  const key = { kty: 'OKP', crv: 'Ed25519', x: d, d }
  return createPublicKey(createPrivateKey({ key, format: 'jwk' })).export({ format: 'jwk' }).x
}

/** Whether a license token is for the holder of this key: one that names none is for any. */
export function isBoundTo({ cnf }: LicenseTokenClaims, proofKey: Pick<ProofKey, 'x'> | undefined): boolean {
  return cnf === undefined || (proofKey !== undefined && cnf.jkt === thumbprintOf(proofKey))
}

/** @see RFC 7638 §3, with the members RFC 8037 §2 requires of such a key */
export function thumbprintOf({ x }: Pick<ProofKey, 'x'>): string {
  return createHash('sha256').update(`{"crv":"Ed25519","kty":"OKP","x":"${x}"}`).digest('base64url')
}
