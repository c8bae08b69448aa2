import { randomFillSync } from 'node:crypto'

/** What steps draw that no rule depends on. */
export interface Draws {
  /** A number greater than all given before, also by other processes as far as their clocks agree. */
  readonly newPlace: () => number
  /** A whole number below 2^48 that was, in all likelihood, not drawn before. */
  readonly newRevision: () => number
  /** A number from 0 to below 1. */
  readonly random: () => number
}

const REVISION_BYTES = 6
const POOL_BYTES = REVISION_BYTES * 512

/** Draws of this process. Places are microseconds since 1970, or follow the last one where more are asked for. */
export function createDraws(): Draws {
  const pool = Buffer.alloc(POOL_BYTES)
  let used = POOL_BYTES
  let last = 0
  return {
    newPlace() {
      last = Math.max(last + 1, Math.floor((performance.timeOrigin + performance.now()) * 1000))
      return last
    },
    newRevision() {
      if (used === POOL_BYTES) {
        randomFillSync(pool)
        used = 0
      }
      used += REVISION_BYTES
      return pool.readUIntBE(used - REVISION_BYTES, REVISION_BYTES)
    },
    random: Math.random,
  }
}
