/** What is known of the caller that acts for a host. */
export interface Proof {
  /** The key that the caller has proven to hold, by its JWK thumbprint (RFC 7638). Default null: none. */
  readonly proofKey?: string | null
  /** The key that the caller has proven to be able to derive anew, for when it loses the other. Default null: none. */
  readonly recoveryKey?: string | null
  /** Set where the caller acts for the vendor, and is asked for no proof. */
  readonly trusted?: true
}

/** What a slot can come to that its host would not want twice, in whose name it was not asked. */
const TAKING: ReadonlySet<string> = new Set(['released', 'surrendered', 'kept', 'pending', 'moved', 'resumed'])

/**
 * True for outcomes that use a proof up for every instance: a slot is given up, moved or taken again. A proof that came
 * to nothing but a slot, a token or a key for its own host costs the store no row: shown to another instance, it comes to the
 * same.
 */
export function usesUpProof(outcome: { readonly kind: string }): boolean {
  return TAKING.has(outcome.kind)
}
