/** What is known of the caller that acts for a host. */
export interface Proof {
  /** The key that the caller has proven to hold, by its JWK thumbprint (RFC 7638). Default null: none. */
  readonly proofKey?: string | null
  /** Set where the caller acts for the vendor, and is asked for no proof. */
  readonly trusted?: true
}

/**
 * Says whether the caller may act for an activation.
 * @returns false only where the activation is bound to a key that the caller has not shown
 */
export function isProven({ proofKey }: { readonly proofKey: string | null }, proof: Proof): boolean {
  return proofKey === null || proof.trusted === true || proof.proofKey === proofKey
}
