import type { Allowance } from './allowance'

/** How often slots may change hands, and hosts be bound anew. Whoever acts for the vendor is not asked. */
export interface SeatRules {
  /** How often a slot may be given up, or moved, with tokens still in use: beyond that it rests. Null: as often as comes. */
  readonly moves: Allowance | null
  /** How many hosts may take a slot. Null: as many as come. */
  readonly activations: Allowance | null
  /** How many keys a license's hosts may be bound to instead of the one they had. */
  readonly rebinds: Allowance
  /** How many devices may be freed by whoever has the license key. */
  readonly frees: Allowance
}
