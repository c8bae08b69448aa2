import { createHash, createHmac, sign, timingSafeEqual } from 'node:crypto'
import type { SigningKey } from '../../signing/keyring'

const WINDOW_SECONDS = 300
const MAC_BYTES = 16
const SECRET_LABEL = 'keyslot proof nonce'

/**
 * Says what proofs are to carry where a clock cannot be relied on. Nothing is kept of them: a nonce is a stretch of time
 * and a MAC of it, so that all instances with the same keyring take each other's.
 */
export interface ProofNonces {
  /** The nonce to hand out now, good for five to ten minutes: in its stretch of time and the next. */
  current(): string
  isGood(nonce: string): boolean
}

export function createProofNonces({ privateKey }: Pick<SigningKey, 'privateKey'>, now: () => Date): ProofNonces {
  // Ed25519 signatures are deterministic (RFC 8032 §5.1.6): every holder of the key comes to the same secret.
  const secret = createHash('sha256')
    .update(sign(null, Buffer.from(SECRET_LABEL), privateKey))
    .digest()
  const windowOf = (at: Date) => BigInt(Math.floor(at.getTime() / 1000 / WINDOW_SECONDS))
  const nonceOf = (window: bigint) => {
    const counter = Buffer.alloc(8)
    counter.writeBigInt64BE(window)
    const mac = createHmac('sha256', secret).update(counter).digest().subarray(0, MAC_BYTES)
    return Buffer.concat([counter, mac]).toString('base64url')
  }
  return {
    current: () => nonceOf(windowOf(now())),
    isGood(nonce) {
      const window = windowOf(now())
      return [window, window - 1n].some((candidate) => isEqual(nonceOf(candidate), nonce))
    },
  }
}

function isEqual(expected: string, given: string): boolean {
  const [a, b] = [Buffer.from(expected), Buffer.from(given)]
  return a.length === b.length && timingSafeEqual(a, b)
}
