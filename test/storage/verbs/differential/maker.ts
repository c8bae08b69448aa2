import type { PageRequest } from '../../../../src/storage/verbs/store'
import type { Call } from './calls'
import type { Dice } from './dice'
import type { World } from './world'

/** Draws a call of one kind. */
export interface Maker {
  /** How often it is drawn, compared with the others. */
  readonly weight: number
  readonly make: (dice: Dice, world: World) => Call | readonly Call[]
}

export function drawPage(dice: Dice): PageRequest {
  if (dice.chance(40)) return { limit: 1_000 }
  return { limit: dice.one([1, 2, 3, 10]), ...(dice.chance(60) && { offset: dice.upTo(5) }) }
}

/** Each field is given half of the time. */
export function drawSome<T extends object>(dice: Dice, fields: T): Partial<T> {
  return Object.fromEntries(Object.entries(fields).filter(() => dice.chance(50))) as Partial<T>
}
