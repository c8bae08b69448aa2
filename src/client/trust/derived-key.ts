import { createPrivateKey, hkdfSync } from 'node:crypto'
import type { ProofKey } from './proof-key'

/** What stands before the 32 bytes of an Ed25519 key in PKCS #8. @see RFC 8410 §7 */
const PKCS8_HEAD = Buffer.from('302e020100300506032b657004220420', 'hex')

/**
 * Derives a key pair from a secret: the same one at any time, and another one for each list of parts.
 * @see RFC 5869
 */
export function deriveProofKey(secret: string, parts: readonly string[]): ProofKey {
  const seed = Buffer.from(hkdfSync('sha256', secret, 'keyslot proof key', JSON.stringify(parts), 32))
  const key = createPrivateKey({ key: Buffer.concat([PKCS8_HEAD, seed]), format: 'der', type: 'pkcs8' })
  const { x = '', d = '' } = key.export({ format: 'jwk' })
  return { x, d }
}
