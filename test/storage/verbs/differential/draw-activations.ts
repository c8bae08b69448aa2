import type { Release } from '../../../../src/domain/decide-release'
import type { License } from '../../../../src/domain/license'
import type { SlotRequest } from '../../../../src/domain/slot-request'
import { newActivation, newProofKey } from '../kit/entities'
import { chargingSlots } from '../kit/spending'
import { call } from './calls'
import type { Dice } from './dice'
import { drawKey } from './draw-licenses'
import { drawProduct } from './draw-products'
import { drawPage, type Maker } from './maker'
import { COUNTS, drawAccount, drawInstant, drawStep, type World } from './world'

const KEYS = [null, null, newProofKey('old'), newProofKey('new')]
/** A name has one period: what left a shorter one is forgotten. */
export const ALLOWANCES = [
  { name: 'frees', periodMs: 3_600_000 },
  { name: 'moves', periodMs: 600_000 },
] as const

export const activationMakers: readonly Maker[] = [
  {
    weight: 24,
    make: (dice, world) => {
      const step = drawStep(world, dice, 'created', 'existing', 'moved', 'resumed', 'rebound')
      return call('claimActivation', drawAccount(dice), drawTarget(dice), drawClaim(dice, world), step)
    },
  },
  {
    weight: 8,
    make: (dice, world) => {
      const target = { ...drawTarget(dice), hostId: drawHost(dice), ...drawRelease(dice) }
      return call('releaseActivation', drawAccount(dice), target, drawStep(world, dice, 'released', 'surrendered'))
    },
  },
  {
    weight: 1,
    make: (dice, world) =>
      call('releaseAllActivations', drawAccount(dice), drawTarget(dice), drawStep(world, dice, 'released')),
  },
  {
    weight: 3,
    make: (dice) => call('findActivation', drawAccount(dice), { ...drawTarget(dice), hostId: drawHost(dice) }),
  },
  {
    weight: 3,
    make: (dice, world) => {
      const seen = { lastSeenAt: drawInstant(world, dice), tokensEndAt: drawInstant(world, dice) }
      return call('touchActivation', drawAccount(dice), drawLicenseId(dice), drawHost(dice), seen)
    },
  },
  { weight: 2, make: (dice) => call('listActivations', drawAccount(dice), drawLicenseId(dice), drawPage(dice)) },
]

export function drawTarget(dice: Dice, type: License['type'] = 'node-locked') {
  return { canonicalKey: drawKey(dice, type), productId: drawProduct(dice) }
}

export function drawHost(dice: Dice): string {
  return dice.chance(40) ? 'host_0' : dice.id('host', COUNTS.host)
}

export function drawLicenseId(dice: Dice): string {
  return dice.id('lic', COUNTS.license)
}

function drawAllowance(dice: Dice) {
  return { ...dice.one(ALLOWANCES), limit: dice.one([0, 1, 2, 2, 2, 2]) }
}

function drawClaim(dice: Dice, { round }: World): SlotRequest {
  const previousHostIds = Array.from({ length: dice.upTo(3) }, () => drawHost(dice))
  const charged = dice.chance(40) ? { rules: chargingSlots(drawAllowance(dice)), unit: dice.id('unit', 2) } : {}
  const asked = newActivation(drawHost(dice), {
    id: `act_${round}`,
    jti: `jti_${round}`,
    ...(dice.chance(50) && { deviceTag: `device ${round}`, licensee: { name: null, email: 'ada@example.com' } }),
    ...(dice.chance(30) && { proofKey: dice.one(KEYS) }),
    ...(dice.chance(15) && ({ trusted: true } as const)),
    ...(dice.chance(30) && { previousHostIds }),
  })
  return { ...asked, ...charged }
}

function drawRelease(dice: Dice): Release {
  return {
    proofKey: dice.one(KEYS),
    ...(dice.chance(20) && ({ trusted: true } as const)),
    ...(dice.chance(50) && { rules: { moves: drawAllowance(dice) } }),
  }
}
