import type { AccessToken } from '../../../../src/domain/access-token'
import { newAccessToken } from '../kit/entities'
import { call } from './calls'
import type { Dice } from './dice'
import { drawPage, type Maker } from './maker'
import { ACCOUNTS, drawAccount, drawInstant, drawStep, type World } from './world'

const TOKENS = 12

export const accountMakers: readonly Maker[] = [
  { weight: 1, make: (dice, { now }) => call('recordSigningKeyId', dice.id('kid', 5), now) },
  { weight: 1, make: () => call('listSigningKeyIds') },
  { weight: 1, make: (dice, world) => call('insertAccount', drawAccountRow(dice, world)) },
  { weight: 1, make: (dice) => call('findAccount', dice.one(ACCOUNTS)) },
  {
    weight: 2,
    make: (dice, world) => {
      const accountId = drawAccount(dice)
      return call('insertAccessToken', accountId, drawToken(dice, world, accountId), drawStep(world, dice, 'created'))
    },
  },
  { weight: 1, make: (dice) => call('findAccessToken', hashOf(dice.upTo(TOKENS))) },
  {
    weight: 2,
    make: (dice, world) =>
      call('revokeAccessToken', drawAccount(dice), dice.id('tok', TOKENS), drawStep(world, dice, 'revoked')),
  },
  {
    weight: 2,
    make: (dice, world) => {
      const use = dice.one(['used', 'refused', 'key-in-header', 'key-in-query'] as const)
      const step = drawStep(world, dice, 'noted-refusal')
      return call('noteTokenUse', drawAccount(dice), dice.id('tok', TOKENS), use, step)
    },
  },
  { weight: 1, make: (dice) => call('listAccessTokens', drawAccount(dice), drawPage(dice)) },
]

function drawAccountRow(dice: Dice, { now, round }: World) {
  return { id: dice.one(ACCOUNTS), name: `Account ${round}`, plan: dice.one(['free', 'pro'] as const), createdAt: now }
}

/** An id has one hash: of two tokens with one hash nothing is promised. */
function drawToken(dice: Dice, world: World, accountId: string): AccessToken {
  const number = dice.upTo(TOKENS)
  return newAccessToken(`${number}`, {
    accountId,
    hash: hashOf(number),
    kind: dice.one(['secret', 'publishable'] as const),
    productIds: dice.one([null, ['prod_1']]),
    allowedAddresses: dice.one([null, ['203.0.113.0/24']]),
    wire: number % 2 === 0 ? null : '2026-09',
    expiresAt: dice.one([null, drawInstant(world, dice)]),
    createdAt: world.now,
  })
}

function hashOf(number: number): string {
  return `${number}`.padStart(64, '0')
}
