/** Draws numbers below a bound; the same ones for the same seed. */
export type Draw = (bound: number) => number

export function createDraw(seed: number): Draw {
  let state = seed
  return (bound) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * bound)
  }
}
