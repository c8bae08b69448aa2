import type { License } from '../../../../src/domain/license'
import type { InsertLicenses, LicenseTarget } from '../../../../src/storage/verbs/store'
import { newLicense } from '../kit/entities'
import { call } from './calls'
import type { Dice } from './dice'
import { drawCustomer, drawNewCustomer } from './draw-customers'
import { drawProduct } from './draw-products'
import { drawPage, drawSome, type Maker } from './maker'
import { COUNTS, drawAccount, drawInstant, drawStep, type World } from './world'

export const licenseMakers: readonly Maker[] = [
  {
    weight: 8,
    make: (dice, world) => {
      const accountId = drawAccount(dice)
      return call('insertLicenses', accountId, drawLicenses(dice, world, accountId), drawStep(world, dice, 'created'))
    },
  },
  { weight: 3, make: (dice) => call('describeLicense', drawAccount(dice), drawTarget(dice), dice.upTo(4)) },
  { weight: 3, make: (dice) => call('findLicense', drawAccount(dice), drawKey(dice)) },
  {
    weight: 9,
    make: (dice, world) => {
      const accountId = drawAccount(dice)
      const changes = drawChanges(dice, world, accountId)
      return call('updateLicense', accountId, drawTarget(dice), changes, drawStep(world, dice, 'updated'))
    },
  },
  {
    weight: 1,
    make: (dice, world) => call('deleteLicense', drawAccount(dice), drawTarget(dice), drawStep(world, dice, 'deleted')),
  },
  {
    weight: 3,
    make: (dice, world) => call('resetLicense', drawAccount(dice), drawTarget(dice), drawStep(world, dice, 'reset')),
  },
  {
    weight: 2,
    make: (dice) => {
      const externalId = dice.id('order', 2)
      const filter = drawSome(dice, { productId: drawProduct(dice), customerId: drawCustomer(dice), externalId })
      return call('listLicenses', drawAccount(dice), filter, drawPage(dice))
    },
  },
]

/** Half of the keys are mostly those of node-locked licenses, the other half those of floating ones. */
export function drawKey(dice: Dice, type?: License['type']): string {
  const half = COUNTS.license / 2
  if (dice.chance(3)) return dice.id('TRIAL', COUNTS.host)
  if (type === undefined || dice.chance(8)) return `KEY-${dice.upTo(COUNTS.license)}`
  return `KEY-${dice.upTo(half) + (type === 'floating' ? half : 0)}`
}

function drawTarget(dice: Dice): LicenseTarget {
  const canonicalKey = drawKey(dice)
  return dice.chance(50) ? { canonicalKey } : { canonicalKey, productId: drawProduct(dice) }
}

/** New ids with keys that may be taken, and now and then an id that is taken. */
function drawLicenses(dice: Dice, world: World, accountId: string): InsertLicenses {
  const newCustomer = dice.chance(30)
    ? {
        customer: drawNewCustomer(dice, world, accountId),
        onEmailTaken: dice.one(['refuse', 'reuse'] as const),
      }
    : undefined
  const shared = {
    accountId,
    customerId: newCustomer?.customer.id ?? (dice.chance(40) ? drawCustomer(dice) : null),
    productIds: dice.chance(80) ? [drawProduct(dice)] : [...new Set([drawProduct(dice), drawProduct(dice)])],
  }
  const count = dice.chance(60) ? 1 : 2 + dice.upTo(2)
  const drawn = Array.from({ length: count }, () => drawLicense(dice, world, shared, dice.chance(count > 1 ? 90 : 25)))
  const licenses = drawn.filter(({ id }, index) => drawn.findIndex((other) => other.id === id) === index)
  return { licenses, ...(newCustomer !== undefined && { newCustomer }) }
}

/** @param isNew true for a key that nobody has */
function drawLicense(dice: Dice, world: World, shared: Partial<License>, isNew: boolean): License {
  const type = dice.one(['node-locked', 'floating'] as const)
  const canonicalKey = isNew ? `KEY-${world.round}-${dice.upTo(1_000)}` : drawKey(dice, type)
  const number = isNew || dice.chance(15) ? `${world.round}_${dice.upTo(1_000)}` : canonicalKey.slice('KEY-'.length)
  return newLicense(number, {
    ...shared,
    ...drawTerms(dice, world),
    type,
    key: `key-${number}`,
    canonicalKey,
    blocked: dice.chance(5),
    cleanable: dice.chance(10),
    soldFor: dice.one([null, { amount: 1, unit: 'month' } as const]),
    activationDuration: dice.one([null, null, { amount: 2, unit: 'hour' } as const]),
    createdAt: world.now,
    updatedAt: world.now,
  })
}

function drawTerms(dice: Dice, world: World) {
  return {
    maxActivations: dice.one([null, 0, 1, 2, 2, 3, 3]),
    expiresAt: drawExpiry(dice, world),
    metadata: dice.one([null, { seat: 'window' }]),
    usersPerHost: dice.one([null, null, 1, 3]),
    allowedHosts: dice.chance(85) ? null : ['host_0', 'host_1'],
    versionId: dice.one([null, null, null, 'ver_1']),
    externalId: dice.one([null, null, 'order_0', 'order_1']),
    maxConcurrentSessions: dice.one([null, 1, 2, 2, 3]),
    heartbeatIntervalSeconds: dice.one([null, 60]),
    sessionLeaseSeconds: dice.one([null, 300, 86_400]),
  }
}

function drawExpiry(dice: Dice, world: World): Date | null {
  if (dice.chance(75)) return null
  return dice.chance(20) ? drawInstant(world, dice) : new Date(world.now.getTime() + dice.upTo(20 * 86_400_000))
}

function drawChanges(dice: Dice, world: World, accountId: string) {
  const customerId = dice.chance(50) ? drawCustomer(dice) : null
  const changed = dice.chance(5) ? { type: dice.one(['node-locked', 'floating'] as const) } : {}
  const changes = { ...drawSome(dice, { ...drawTerms(dice, world), customerId, blocked: dice.chance(20) }), ...changed }
  if (dice.chance(80)) return changes
  const onEmailTaken = dice.one(['refuse', 'reuse'] as const)
  return { ...changes, newCustomer: { customer: drawNewCustomer(dice, world, accountId), onEmailTaken } }
}
