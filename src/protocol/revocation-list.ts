/** JOSE header `typ` of a revocation list: never to be taken for a license token (RFC 8725 §3.11). */
export const REVOCATION_LIST_TYP = 'keyslot-revocations+jwt'

/** The payload of a revocation list. Instants are Unix seconds. */
export interface RevocationListClaims {
  readonly iss: string
  readonly iat: number
  /** Grows with every entry made and never goes back: a client refuses an older list than it has seen. */
  readonly version: number
  /** The `jti`s revoked while a license token with them is still live. */
  readonly revoked: readonly string[]
}
