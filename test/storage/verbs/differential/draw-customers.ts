import type { Customer } from '../../../../src/domain/customer'
import { newCustomer } from '../kit/entities'
import { call } from './calls'
import type { Dice } from './dice'
import { drawPage, drawSome, type Maker } from './maker'
import { COUNTS, drawAccount, drawStep, OPENING_CUSTOMERS, type World } from './world'

/** Some are one and the same, letter case and form aside. */
export const EMAILS = ['ada@example.com', 'ADA@Example.com', 'JO\u0308RG@example.com', 'jörg@example.com', 'no email']

export const customerMakers: readonly Maker[] = [
  {
    weight: 3,
    make: (dice, world) => {
      const accountId = drawAccount(dice)
      const customer = drawNewCustomer(dice, world, accountId)
      return call('insertCustomer', accountId, customer, drawStep(world, dice, 'created'))
    },
  },
  {
    weight: 3,
    make: (dice, world) => {
      const given = { name: `Name ${world.round}`, email: drawEmail(dice), active: dice.chance(70) }
      const changes = dice.chance(30) ? 'toggle' : drawSome(dice, given)
      return call('updateCustomer', drawAccount(dice), drawCustomer(dice), changes, drawStep(world, dice, 'updated'))
    },
  },
  {
    weight: 1,
    make: (dice, world) =>
      call('deleteCustomer', drawAccount(dice), drawCustomer(dice), drawStep(world, dice, 'deleted')),
  },
  { weight: 1, make: (dice) => call('findCustomer', drawAccount(dice), drawCustomer(dice)) },
  { weight: 3, make: (dice) => call('findCustomerByEmail', drawAccount(dice), dice.one(EMAILS)) },
  {
    weight: 1,
    make: (dice) => {
      const filter = dice.chance(50) ? { email: dice.one(EMAILS) } : {}
      return call('listCustomers', drawAccount(dice), filter, drawPage(dice))
    },
  },
]

export function drawCustomer(dice: Dice): string {
  return dice.id('cus', dice.chance(70) ? OPENING_CUSTOMERS : COUNTS.customer)
}

function drawEmail(dice: Dice): string | null {
  return dice.chance(20) ? null : dice.one(EMAILS)
}

export function drawNewCustomer(dice: Dice, { now }: World, accountId: string): Customer {
  return newCustomer(`${dice.upTo(COUNTS.customer)}`, {
    accountId,
    email: drawEmail(dice),
    active: dice.chance(85),
    createdAt: now,
    updatedAt: now,
  })
}
