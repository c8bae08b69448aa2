import type { Call } from './calls'
import type { Dice } from './dice'
import { accountMakers } from './draw-accounts'
import { activationMakers } from './draw-activations'
import { customerMakers } from './draw-customers'
import { housekeepingMakers } from './draw-housekeeping'
import { licenseMakers } from './draw-licenses'
import { productMakers } from './draw-products'
import { repeatMakers } from './draw-repeat'
import { sessionMakers } from './draw-sessions'
import { trialMakers } from './draw-trials'
import { webhookMakers } from './draw-webhooks'
import type { Maker } from './maker'
import type { World } from './world'

const MAKERS: readonly Maker[] = [
  ...accountMakers,
  ...productMakers,
  ...customerMakers,
  ...licenseMakers,
  ...activationMakers,
  ...trialMakers,
  ...sessionMakers,
  ...webhookMakers,
  ...housekeepingMakers,
  ...repeatMakers,
]

const WEIGHT = MAKERS.reduce((sum, { weight }) => sum + weight, 0)

/** The calls of one step: one, or a few that belong together. */
export function drawCalls(dice: Dice, world: World): readonly Call[] {
  const made = drawMaker(dice).make(dice, world)
  return 'verb' in made ? [made] : made
}

function drawMaker(dice: Dice): Maker {
  let left = dice.upTo(WEIGHT)
  for (const maker of MAKERS) {
    if (left < maker.weight) return maker
    left -= maker.weight
  }
  throw new Error('There is no maker')
}
