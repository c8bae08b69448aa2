import type { PublicJwk } from './jwk'

/** JOSE header `typ` of a key statement: never to be taken for anything else that is signed (RFC 8725 §3.11). */
export const KEY_STATEMENT_TYP = 'keyslot-keys+jwt'

/**
 * The payload of a key statement: which keys a server signs with, signed by one that whoever reads it trusts already.
 * The JWK set carries the same claims several times, signed with one key each (RFC 7515 §3.1).
 */
export interface KeyStatementClaims {
  readonly iss: string
  /** When the keys last changed, Unix seconds. */
  readonly iat: number
  /** When the keys last changed, Unix milliseconds. Grows with every change: whoever has seen a higher one refuses this. */
  readonly version: number
  /** The keys to trust: `kty`, `crv` and `x`, the current one first; at least one. */
  readonly keys: readonly PublicJwk[]
  /** The `kid`s of keys not to trust any more, whoever vouches for them. */
  readonly revoked: readonly string[]
}
