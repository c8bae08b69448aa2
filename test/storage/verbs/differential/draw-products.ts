import { CLONE_RULES } from '../../../../src/protocol/enumerations'
import { newAuthtoolClient, newProduct, newVersion } from '../kit/entities'
import { call } from './calls'
import type { Dice } from './dice'
import { drawPage, drawSome, type Maker } from './maker'
import { COUNTS, drawAccount, drawStep, type World } from './world'

const VERSIONS = 12

export const productMakers: readonly Maker[] = [
  {
    weight: 2,
    make: (dice, world) =>
      call('insertProduct', drawAccount(dice), drawNewProduct(dice, world), drawStep(world, dice, 'created')),
  },
  {
    weight: 2,
    make: (dice, world) => {
      const changes = {
        ...drawSome(dice, { ...drawTerms(dice), active: dice.chance(97), name: `Name ${world.round}` }),
        ...(dice.chance(40) && { authtoolClient: drawAuthtoolClient(dice) }),
      }
      return call('updateProduct', drawAccount(dice), drawProduct(dice), changes, drawStep(world, dice, 'updated'))
    },
  },
  { weight: 1, make: (dice) => call('findProduct', drawAccount(dice), drawProduct(dice)) },
  {
    weight: 1,
    make: (dice) =>
      call('findProductsByPackageIds', drawAccount(dice), [...new Set([dice.upTo(5), dice.upTo(5), dice.upTo(9)])]),
  },
  { weight: 1, make: (dice) => call('findProductByAuthtoolToken', newAuthtoolClient(drawToken(dice)).tokenHash) },
  { weight: 1, make: (dice) => call('listProducts', drawAccount(dice), drawPage(dice)) },
  {
    weight: 2,
    make: (dice, { now, ...world }) => {
      const version = newVersion(`${dice.upTo(VERSIONS)}`, { productId: drawProduct(dice), createdAt: now })
      return call('insertProductVersion', drawAccount(dice), version, drawStep({ now, ...world }, dice, 'created'))
    },
  },
  {
    weight: 2,
    make: (dice, world) => {
      const changes = drawSome(dice, { active: dice.chance(50), description: dice.one([null, 'changed']) })
      const step = drawStep(world, dice, 'updated')
      return call('updateProductVersion', drawAccount(dice), drawProduct(dice), drawVersion(dice), changes, step)
    },
  },
  { weight: 1, make: (dice) => call('findProductVersion', drawAccount(dice), drawProduct(dice), drawVersion(dice)) },
  { weight: 1, make: (dice) => call('listProductVersions', drawAccount(dice), drawProduct(dice), drawPage(dice)) },
]

export function drawProduct(dice: Dice): string {
  return dice.chance(90) ? 'prod_0' : dice.id('prod', COUNTS.product)
}

function drawVersion(dice: Dice): string {
  return dice.id('ver', VERSIONS)
}

function drawNewProduct(dice: Dice, { now }: World) {
  const terms = drawTerms(dice)
  return newProduct(`${dice.upTo(COUNTS.product)}`, { ...terms, active: dice.chance(90), createdAt: now })
}

function drawToken(dice: Dice): string {
  return `token ${dice.upTo(3)}`
}

function drawAuthtoolClient(dice: Dice) {
  if (dice.chance(20)) return null
  const client = newAuthtoolClient(drawToken(dice))
  return dice.chance(50) ? client : drawSome(dice, client)
}

function drawTerms(dice: Dice) {
  return {
    offlineLifetimeSeconds: dice.one([0, 1_800, 86_400]),
    graceSeconds: dice.one([0, 1_800]),
    entitlements: dice.one([[], ['export']]),
    requireProof: dice.chance(4),
    selfService: dice.chance(50),
    onClone: dice.one(CLONE_RULES),
    trialSeconds: dice.one([null, 3_600]),
    usersPerHost: dice.one([null, 2]),
  }
}
