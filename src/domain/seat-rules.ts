import type { Allowance } from './allowance'

/** How often slots may change hands. */
export interface MoveAllowance extends Allowance {
  /** True where a license may have so many moves beyond one for each of its slots. */
  readonly besidesSlots?: boolean
}

/** How often slots may change hands, and who may. Whoever acts for the vendor is not asked. */
export interface SeatRules {
  /** How often a slot may be given up, or moved, with tokens still in use: beyond that it rests. Null: as often as comes. */
  readonly moves: MoveAllowance | null
  /** How many hosts may take a slot. Null: as many as come. */
  readonly activations: Allowance | null
  /** How many users a host may have, by the keys they show. */
  readonly usersPerHost: number
  /** How many devices may be freed by whoever has the license key. */
  readonly frees: Allowance
}
