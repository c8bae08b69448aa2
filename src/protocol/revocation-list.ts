import { createHash } from 'node:crypto'

/** JOSE header `typ` of a revocation list: never to be taken for a license token (RFC 8725 §3.11). */
export const REVOCATION_LIST_TYP = 'keyslot-revocations+jwt'

/** A list holds this many entries at most. A longer one is refused by clients. */
export const MAX_REVOCATIONS = 100_000

/** The payload of a revocation list. */
export interface RevocationListClaims {
  readonly iss: string
  /** When it was signed, Unix seconds. */
  readonly iat: number
  /** The id of the product it is about; null for a list of all products. */
  readonly product: string | null
  readonly entries: readonly RevocationEntry[]
}

/**
 * Tokens of `id` whose `stamp` is not above that of the entry are revoked. `id` is a {@link revocationId}. `stamp` is in
 * Unix milliseconds. `end` is when the last token that the entry concerns can be of use, grace included, in Unix seconds.
 */
export type RevocationEntry = readonly [id: string, stamp: number, end: number]

/** What an entry can be about: a license, one host's activation of it, or one proof key of that host. */
export type RevocationSubject = readonly [licenseId: string, hostId?: string, proofKey?: string]

/** What is hashed before a subject, by how many parts that has. */
const TAGS = ['keyslot-license', 'keyslot-activation', 'keyslot-proof-key']

/**
 * The id of an entry: base64url of the first 96 bits of SHA-256 over a tag and what the entry is about, U+0000 between all
 * parts. It says nothing to those who do not know the parts.
 *
 * - `keyslot-license`, license id (claim `lid` of its tokens)
 * - `keyslot-activation`, license id, hostId (claim `machine`)
 * - `keyslot-proof-key`, license id, hostId, JWK thumbprint of the key (claim `cnf.jkt`)
 */
export function revocationId(...subject: RevocationSubject): string {
  const text = [TAGS[subject.length - 1], ...subject].join('\0')
  return createHash('sha256').update(text).digest('base64url').slice(0, 16)
}
