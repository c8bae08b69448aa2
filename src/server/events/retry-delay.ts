import type { RandomBytes } from '../../domain/random'

const FIRST_CEILING_MS = 10_000
const LAST_CEILING_MS = 6 * 3_600_000
/** However the dice fall, a receiver that just failed gets a moment. */
const FLOOR_MS = 1000

/** So many attempts, {@link retryDelayMs} between them, take two days on average. */
export const DEFAULT_MAX_ATTEMPTS = 28

/**
 * How long to wait after a failed attempt: exponential backoff with full jitter, so that what failed together does not
 * come back together.
 * @param attempts how many have failed
 */
export function retryDelayMs(attempts: number, random: RandomBytes): number {
  const ceiling = Math.min(FIRST_CEILING_MS * 2 ** (attempts - 1), LAST_CEILING_MS)
  const fraction = Buffer.from(random(4)).readUInt32BE() / 2 ** 32
  return FLOOR_MS + Math.floor(fraction * (ceiling - FLOOR_MS))
}
