import type { License } from '../../../../src/domain/license'
import { call } from './calls'
import type { Dice } from './dice'
import { drawKey } from './draw-licenses'
import { drawProduct } from './draw-products'
import { drawClaim, drawDevice, drawHeldSlot, drawHost, drawProof, drawRelease } from './draw-slots'
import { drawPage, type Maker } from './maker'
import { COUNTS, drawAccount, drawStep, type World } from './world'

export const activationMakers: readonly Maker[] = [
  {
    weight: 28,
    make: (dice, world) => {
      const step = drawStep(world, dice, 'created', 'existing', 'moved', 'resumed', 'rebound')
      const { hostId, ...target } = drawSlot(dice, world)
      const claim = { ...drawClaim(dice, world), hostId }
      return call('claimActivation', drawAccount(dice), target, claim, step)
    },
  },
  {
    weight: 10,
    make: (dice, world) => {
      const byOther = dice.chance(20) && ({ byOther: true } as const)
      const forAll = dice.chance(30) && ({ forAll: true } as const)
      const target = { ...drawSlot(dice, world), ...drawRelease(dice), ...byOther, ...forAll }
      const step = drawStep(world, dice, 'released', 'surrendered', 'kept', 'pending')
      return call('releaseActivation', drawAccount(dice), target, step)
    },
  },
  {
    weight: 4,
    make: (dice, world) => {
      const target = { ...drawTarget(dice), ...drawDevice(dice, world), ...drawRelease(dice) }
      return call('releaseDevice', drawAccount(dice), target, drawStep(world, dice, 'released', 'surrendered'))
    },
  },
  {
    weight: 10,
    make: (dice, world) => {
      const asked = { ...drawSlot(dice, world), ...drawProof(dice) }
      return call('validateActivation', drawAccount(dice), asked, world.now)
    },
  },
  {
    weight: 1,
    make: (dice, world) =>
      call('releaseAllActivations', drawAccount(dice), drawTarget(dice), drawStep(world, dice, 'released')),
  },
  {
    weight: 3,
    make: (dice) => call('findAuthtoolLogins', 'prod_0', drawHost(dice)),
  },
  {
    weight: 1,
    make: (dice) => call('findActivation', drawAccount(dice), { ...drawTarget(dice), hostId: drawHost(dice) }),
  },
  { weight: 2, make: (dice) => call('listActivations', drawAccount(dice), drawLicenseId(dice), drawPage(dice)) },
]

function drawSlot(dice: Dice, world: World) {
  const { productId, canonicalKey } = drawTarget(dice)
  return { productId, ...drawHeldSlot(dice, world, { canonicalKey }) }
}

export function drawTarget(dice: Dice, type: License['type'] = 'node-locked') {
  return { canonicalKey: drawKey(dice, type), productId: drawProduct(dice) }
}

export function drawLicenseId(dice: Dice): string {
  return dice.id('lic', COUNTS.license)
}
