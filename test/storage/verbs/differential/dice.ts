import { createDraw, type Draw } from '../draw'

/** Draws of one seed. */
export interface Dice {
  readonly upTo: Draw
  one<T>(of: readonly T[]): T
  /** True in so many of a hundred cases. */
  chance(percent: number): boolean
  /** The name, with one of the first numbers: ids that calls have in common. */
  id(name: string, count: number): string
}

export function createDice(seed: number): Dice {
  const upTo = createDraw(seed)
  return {
    upTo,
    one: (of) => of[upTo(of.length)] as (typeof of)[number],
    chance: (percent) => upTo(100) < percent,
    id: (name, count) => `${name}_${upTo(count)}`,
  }
}
