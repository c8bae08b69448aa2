/** The only signature algorithm: Ed25519, spelled as RFC 8037 §3.1 has it. Pinned, never taken from a header. */
export const LICENSE_TOKEN_ALGORITHM = 'EdDSA'

/** JOSE header `typ` of a license token (RFC 8725 §3.11). */
export const LICENSE_TOKEN_TYP = 'JWT'

/** Claim `type` of a license token; tokens of another type are refused. */
export const LICENSE_TOKEN_TYPE = 'offline'

/** Claim `ans` of a license token whose server signs its answers. */
export const SIGNS_ANSWERS = 1

/** Default of claim `iss`. */
export const DEFAULT_ISSUER = 'keyslot'

/** The clock tolerance a verifier grants at `nbf`, `iat` and `exp`, in seconds. */
export const CLOCK_TOLERANCE_SECONDS = 300

/** What a license grants, inside a license token. */
export interface LicenseGrant {
  /** When the license, or this host's activation of it, ends for good: ISO 8601, or null for never. */
  readonly expiresAt: string | null
  readonly entitlements: readonly string[]
  readonly metadata: Readonly<Record<string, unknown>> | null
  readonly customerName: string | null
  /** When a client should renew the token: Unix seconds. */
  readonly refreshAfter: number
  /** How long past `exp` a check passes with a warning, in seconds; never past `expiresAt`. */
  readonly graceSeconds: number
}

/** The claims of a license token (RFC 7519 §4). Instants are Unix seconds. */
export interface LicenseTokenClaims {
  readonly iss: string
  /** The product id; equal to `productId`. */
  readonly aud: string
  readonly productId: string
  /** The license key; equal to `key`. */
  readonly sub: string
  readonly key: string
  /** The hostId the token is good on. */
  readonly machine: string
  readonly type: typeof LICENSE_TOKEN_TYPE
  /**
   * Names the activation: its renewals carry the same `jti`, a new activation a new one, and so does one whose tokens were
   * revoked.
   */
  readonly jti: string
  /** The license's id: what revocations go by. */
  readonly lid: string
  /** Unix milliseconds: a revocation ends the tokens whose stamp is not above its own. */
  readonly stamp: number
  /** Set where the server signs a no to a request that has a nonce: whoever holds such a token takes no unsigned one. */
  readonly ans?: typeof SIGNS_ANSWERS
  /** That of the request which the token answers; absent where it had none, and in license files. */
  readonly nonce?: string
  /** Its number among those its holder was given, which is shown for the next one; absent where it names no key. */
  readonly ren?: number
  readonly iat: number
  readonly nbf: number
  readonly exp: number
  readonly license: LicenseGrant
  /** The key the host must hold, where its activation is bound to one (RFC 7800 §3.1). */
  readonly cnf?: KeyConfirmation
}

/** Names a key by its JWK thumbprint (RFC 7638, RFC 9449 §6.1): base64url SHA-256, 43 characters. */
export interface KeyConfirmation {
  readonly jkt: string
}
