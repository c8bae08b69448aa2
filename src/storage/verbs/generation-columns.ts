import type { Occupancy } from '../../domain/decision'

/**
 * A license says which generation of its activations counts, and which of its sessions. Where it loses all of them, it says
 * another: the rows that are left behind are nobody's from then on, and are cleared away in the background.
 */
export const GENERATION_OF = { activation: 'slot_generation', session: 'seat_generation' } as const satisfies Readonly<
  Record<Occupancy, string>
>
