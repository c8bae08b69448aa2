import type { Activation } from './activation'
import type { Charge } from './allowance'
import { endOfAbsence, shownKey, takesKeyless } from './host-keys'
import type { License } from './license'
import type { Proof } from './proof'
import type { SeatRules } from './seat-rules'

/** What is spent is kept with the license: where slots are more than this, nobody counts them for a few moves. */
const MOST_COUNTED_SLOTS = 1000

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
  const { maxActivations: slots } = license
  if (moves === null || slots === null || activation.tokensEndAt <= now) return undefined
  if (moves.besidesSlots !== true) return { allowance: moves, unit: activation.jti }
  if (slots > MOST_COUNTED_SLOTS) return undefined
  return { allowance: { ...moves, limit: moves.limit + slots }, unit: activation.jti }
}

/** From then on a key is no newcomer's. */
const KNOWN_FOR_MS = 7 * 86_400_000

/**
 * What it costs to free a device. Whoever shows a key that a device has had for a week has an allowance of its own: nobody who
 * merely knows the license key spends it, and no slot is handed on day by day.
 * @param devices of the license
 */
export function chargeForFreeing(
  frees: SeatRules['frees'],
  devices: readonly Activation[],
  freed: Pick<Activation, 'jti'>,
  by: Proof,
  now: Date,
): Charge {
  // The oldest key only: a device with several keys is one.
  const own = devices.find((one) => one.keys.length > 0 && shownKey(one, by, now) === one.keys[0])
  const [oldest] = own?.keys ?? []
  const isKnown = oldest !== undefined && oldest.boundAt.getTime() <= now.getTime() - KNOWN_FOR_MS
  const allowance = isKnown ? { ...frees, name: `${frees.name} ${own?.id}`.slice(0, 64) } : frees
  return { allowance, unit: freed.jti }
}

/** When a slot that was given up is free for whoever asks next; null for one that was not. */
export function restsUntil({
  surrenderedAt,
  tokensEndAt,
  releaseAt,
}: Pick<Activation, 'surrenderedAt' | 'tokensEndAt' | 'releaseAt'>): Date | null {
  if (surrenderedAt !== null) return tokensEndAt
  return releaseAt !== null && releaseAt < tokensEndAt ? tokensEndAt : releaseAt
}

/**
 * True where the slot yields to a new host when there is none free: the license tokens of all who used it have ended, none came
 * back within 14 days of the last change of the license, and all had shown keys. A host that never showed one asks for no
 * tokens, and may be in use; a time of its own is what was sold with the slot.
 */
export function yieldsSlot(activation: Activation, now: Date, licenseChangedAt: Date): boolean {
  const { keys, tokensEndAt, expiresAt, surrenderedAt } = activation
  const isKeyed = keys.length > 0 && !takesKeyless(activation, now)
  const isUnused = tokensEndAt <= now && endOfAbsence(licenseChangedAt) <= now
  return isKeyed && isUnused && expiresAt === null && surrenderedAt === null
}

/**
 * True where the slot has rested for as long as it must: it is free for whoever asks next. One whose release is pending also
 * waits for its older users after a change of the license.
 */
export function hasRested(activation: Activation, now: Date, licenseChangedAt: Date): boolean {
  const until = restsUntil(activation)
  if (until === null || until > now) return false
  return activation.surrenderedAt !== null || endOfAbsence(licenseChangedAt) <= now
}
