import { drawBytes } from '../domain/random'

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

/** Draws of this process. Places are microseconds since 1970, or follow the last one where more are asked for. */
export function createDraws(): Draws {
  let last = 0
  return {
    newPlace() {
      last = Math.max(last + 1, Math.floor((performance.timeOrigin + performance.now()) * 1000))
      return last
    },
    newRevision: () => drawBytes(REVISION_BYTES).readUIntBE(0, REVISION_BYTES),
    random: Math.random,
  }
}
