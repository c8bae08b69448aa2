/** The request header that carries a proof of possession: a compact JWS a host signs with a key of its own (RFC 9449 §4.1). */
export const PROOF_HEADER = 'DPoP'

/** The answer header with what the next proof is to carry as `nonce` (RFC 9449 §8.1). */
export const PROOF_NONCE_HEADER = 'DPoP-Nonce'

/**
 * The request header that carries a second proof beside that of {@link PROOF_HEADER}, by a key that the host can derive anew:
 * with claim `jkt`, the thumbprint of the first one's key. Whoever shows it again with another first key has lost the one before.
 */
export const RECOVERY_HEADER = 'Keyslot-Recovery'

/** JOSE header `typ` of a proof: never to be taken for another kind of token (RFC 8725 §3.11). */
export const PROOF_TYP = 'dpop+jwt'

/** The only signature algorithm of proofs: Ed25519 (RFC 8037 §3.1). */
export const PROOF_ALGORITHM = 'EdDSA'

/** How far `iat` of a proof without a nonce may be from the server's clock, in seconds, either way. */
export const PROOF_AGE_SECONDS = 300

/** The claims of a proof (RFC 9449 §4.2). */
export interface ProofClaims {
  /** Names the proof: at least 96 random bits as base64url. Taken once. */
  readonly jti: string
  /** The request's method. */
  readonly htm: string
  /** The request's URL, without query and fragment. */
  readonly htu: string
  /** When it was made, by the host's clock: Unix seconds. */
  readonly iat: number
  /** base64url(SHA-256(the access token)). */
  readonly ath: string
  /** What the server asked for, where it did. It counts instead of `iat`, so that a wrong clock does no harm. */
  readonly nonce?: string
  /** In header `Keyslot-Recovery` alone: the thumbprint of the key that header `DPoP` shows (RFC 7638). */
  readonly jkt?: string
}
