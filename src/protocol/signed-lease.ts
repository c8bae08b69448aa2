/** JOSE header `typ` of a signed lease of a floating seat. */
export const SIGNED_LEASE_TYP = 'keyslot-lease+jwt'

/** The claims of a signed lease. It answers one request, by its nonce. */
export interface SignedLeaseClaims {
  readonly iss: string
  /** When it was signed, Unix seconds. */
  readonly iat: number
  /** When the lease lapses, Unix seconds, rounded down. */
  readonly exp: number
  /** When the license ends, Unix seconds; null where it does not. Nothing outlasts it. */
  readonly end: number | null
  readonly nonce: string
  readonly session: string
}
