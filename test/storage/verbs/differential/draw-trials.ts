import { newLicense } from '../kit/entities'
import { call } from './calls'
import type { Dice } from './dice'
import { drawProduct } from './draw-products'
import { drawClaim } from './draw-slots'
import type { Maker } from './maker'
import { drawAccount, drawStep, type World } from './world'

export const trialMakers: readonly Maker[] = [
  {
    weight: 5,
    make: (dice, world) => {
      const accountId = drawAccount(dice)
      const { replaceDevice: _device, ...claim } = drawClaim(dice, world)
      const previousKeys = (claim.previousHostIds ?? []).map(trialKeyOf)
      const productId = drawProduct(dice)
      const start = { productId, trial: drawTrial(dice, world, { accountId, productId, ...claim }), previousKeys }
      const step = drawStep(world, dice, 'started', 'created', 'existing', 'moved', 'resumed', 'rebound')
      return call('startTrial', accountId, start, claim, step)
    },
  },
]

/** One key for each host: there is mostly one product. */
function trialKeyOf(hostId: string): string {
  return hostId.replace('host', 'TRIAL')
}

function drawTrial(
  dice: Dice,
  { round, now }: World,
  { accountId, productId, hostId }: { readonly accountId: string; readonly productId: string; readonly hostId: string },
) {
  return newLicense(`trial_${round}`, {
    accountId,
    productIds: [productId],
    canonicalKey: trialKeyOf(hostId),
    maxActivations: dice.one([1, 1, 2]),
    metadata: { trial: true },
    createdAt: now,
    updatedAt: now,
  })
}
