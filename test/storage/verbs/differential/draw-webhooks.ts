import { EVENT_TYPES } from '../../../../src/domain/event'
import type { DeliveryResult } from '../../../../src/storage/verbs/store'
import { newEndpoint } from '../kit/entities'
import { call } from './calls'
import type { Dice } from './dice'
import { drawPage, drawSome, type Maker } from './maker'
import { COUNTS, drawAccount, drawStep, type World } from './world'

export const webhookMakers: readonly Maker[] = [
  {
    weight: 5,
    make: (dice, world) => {
      const accountId = drawAccount(dice)
      const terms = { accountId, ...drawTerms(dice), createdAt: world.now }
      const endpoint = newEndpoint(`${dice.upTo(COUNTS.hook)}`, terms)
      return call('insertWebhookEndpoint', accountId, endpoint, drawStep(world, dice, 'created'))
    },
  },
  {
    weight: 3,
    make: (dice, world) => {
      const changes = drawSome(dice, { ...drawTerms(dice), url: `https://${world.round}.example.com/` })
      const step = drawStep(world, dice, 'updated')
      return call('updateWebhookEndpoint', drawAccount(dice), drawHook(dice), changes, step)
    },
  },
  {
    weight: 2,
    make: (dice, world) => {
      const step = drawStep(world, dice, 'updated')
      return call('rotateWebhookSecret', drawAccount(dice), drawHook(dice), `whsec_${world.round}`, step)
    },
  },
  {
    weight: 1,
    make: (dice, world) =>
      call('deleteWebhookEndpoint', drawAccount(dice), drawHook(dice), drawStep(world, dice, 'deleted')),
  },
  { weight: 1, make: (dice) => call('listWebhookEndpoints', drawAccount(dice), drawPage(dice)) },
  {
    weight: 9,
    make: (dice, { now }) =>
      call('claimDeliveries', drawHook(dice), now, new Date(now.getTime() + 60_000), dice.one([1, 2, 3, 4, 100])),
  },
  {
    weight: 1,
    make: (dice, { now }) => {
      const behind = { after: dice.chance(50) ? null : drawHook(dice) }
      return call(
        'findDueEndpoints',
        now,
        dice.chance(50) ? behind : { accountId: drawAccount(dice) },
        dice.one([1, 2, 100]),
      )
    },
  },
  {
    weight: 12,
    make: (dice, world) => {
      const { id, attempts } = drawHeld(dice, world)
      const attempt = dice.chance(90) ? attempts : attempts + 1
      if (dice.chance(70)) return call('settleDelivery', id, attempt, drawResult(dice, world))
      const { now, events = {} } = drawStep(world, dice, 'disabled')
      const disabling = { accountId: drawAccount(dice), afterMs: dice.upTo(120_000), step: { now, events } }
      return call('settleDelivery', id, attempt, drawResult(dice, world), disabling)
    },
  },
  {
    weight: 2,
    make: (dice) => {
      const filter = drawSome(dice, {
        endpointId: drawHook(dice),
        status: dice.one(['pending', 'delivered', 'dead'] as const),
      })
      return call('listDeliveries', drawAccount(dice), filter, drawPage(dice))
    },
  },
  { weight: 2, make: (dice, world) => call('redeliver', drawAccount(dice), drawHeld(dice, world).id, world.now) },
]

function drawHook(dice: Dice): string {
  return dice.chance(40) ? 'hook_0' : dice.id('hook', COUNTS.hook)
}

function drawTerms(dice: Dice) {
  return { active: dice.chance(80), eventTypes: dice.one([null, null, EVENT_TYPES.slice(0, 12)]) }
}

function drawHeld(dice: Dice, { held }: World) {
  const [known] = held.slice(-1 - dice.upTo(8))
  return known ?? { id: 'no delivery', attempts: 1 }
}

function drawResult(dice: Dice, { now, round }: World): DeliveryResult {
  if (dice.chance(50)) return { kind: 'delivered' }
  const error = `refused in round ${round}`
  return dice.chance(60)
    ? { kind: 'failed', error, retryAt: new Date(now.getTime() + dice.upTo(120_000)) }
    : { kind: 'dead', error }
}
