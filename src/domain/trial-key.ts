import { createHash } from 'node:crypto'

/** What the license keys of trials begin with. */
export const TRIAL_PREFIX = 'TRIAL-'

/** Crockford's base32: digits and letters without I, L, O and U. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

/**
 * The license key of a host's trial, such as `TRIAL-4Q7ZK-9M2XD-W3T8B-HJ5RC`. It follows from product and host, so that a
 * host has one trial without a table of those that had theirs: 20 characters of 5 bits each, drawn from SHA-256.
 */
export function trialKey(productId: string, hostId: string): string {
  // Ids are printable: U+0000 keeps them apart.
  const digest = createHash('sha256').update(['keyslot trial', productId, hostId].join('\0')).digest()
  const text = [...digest.subarray(0, 20)].map((byte) => ALPHABET.charAt(byte % 32)).join('')
  return `${TRIAL_PREFIX}${(text.match(/.{5}/g) ?? []).join('-')}`
}
