/** A `.lic` file: a license token with what a person or another verifier wants to know of it. */
export interface LicenseFile {
  /** Compact JWS; see {@link LicenseTokenClaims}. */
  readonly licenseToken: string
  /** The license key. */
  readonly signedKey: string
  /** When it was signed: ISO 8601. */
  readonly signedDate: string
  /** `kid` of the signing key. */
  readonly keyId: string
  /** Lower-case hex SHA-256 of the public key's SPKI DER. */
  readonly publicKeyFingerprint: string
  /** As in the JWK set, for a host that never fetches that; see {@link KeyStatementClaims}. */
  readonly keyStatements?: readonly string[]
}
