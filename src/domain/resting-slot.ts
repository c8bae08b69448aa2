import type { Activation } from './activation'
import type { Charge } from './allowance'
import type { License } from './license'
import type { SeatRules } from './seat-rules'

/**
 * What it costs that a host's slot is free for another at once; undefined where it costs nothing: its tokens are of no more
 * use, or nobody can be short of a slot.
 * @see SeatRules.moves
 */
export function chargeForChange(
  moves: SeatRules['moves'],
  license: Pick<License, 'maxActivations'>,
  activation: Pick<Activation, 'jti' | 'tokensEndAt'>,
  now: Date,
): Charge | undefined {
  if (moves === null || license.maxActivations === null || activation.tokensEndAt <= now) return undefined
  return { allowance: moves, unit: activation.jti }
}

/** True where the slot has rested until its tokens ended: it is free for whoever asks next. */
export function hasRested({ surrenderedAt, tokensEndAt }: Activation, now: Date): boolean {
  return surrenderedAt !== null && tokensEndAt <= now
}
