import type { UnseenSince } from '../../../../src/domain/activation'
import { RECORD_KINDS } from '../../../../src/storage/records'
import { call } from './calls'
import type { Dice } from './dice'
import { drawLicenseId } from './draw-activations'
import { drawProduct } from './draw-products'
import { drawRecords } from './draw-records'
import { drawHost } from './draw-slots'
import { drawPage, type Maker } from './maker'
import { drawAccount, drawInstant, drawStep, type World } from './world'

const EVERYTHING = 100_000

export const housekeepingMakers: readonly Maker[] = [
  {
    weight: 2,
    make: (dice, { now }) => call('listRevocations', now, dice.one([null, drawProduct(dice), 'prod_none'])),
  },
  {
    weight: 2,
    make: (dice) => {
      const filter = dice.chance(50) ? {} : { licenseId: drawLicenseId(dice) }
      return call('listEvents', drawAccount(dice), filter, drawPage(dice))
    },
  },
  { weight: 2, make: (dice, { now }) => call('purgeExpired', now, dice.one([1, 2, EVERYTHING])) },
  {
    weight: 1,
    make: (dice, world) => call('findUnseen', drawSince(dice, world), null, dice.one([1, 2, 3, 100])),
  },
  {
    weight: 3,
    make: (dice, world) => {
      const host = { licenseId: drawLicenseId(dice), hostId: drawHost(dice) }
      const step = drawStep(world, dice, 'released')
      return call('releaseUnseen', drawAccount(dice), host, drawSince(dice, world), step)
    },
  },
  { weight: 1, make: () => call('countRecords') },
  { weight: 2, make: (dice) => call('exportRecords', dice.one(RECORD_KINDS), null, dice.one([1, 3, 100])) },
  {
    weight: 5,
    // A session that has lapsed holds its seat against an import, where it was not removed.
    make: (dice, world) => [
      call('purgeExpired', world.now, EVERYTHING),
      call('importRecords', drawRecords(dice, world)),
    ],
  },
]

function drawSince(dice: Dice, world: World): UnseenSince {
  const never = new Date(world.now.getTime() + 400 * 86_400_000)
  const [lastSeenBy, tokensEndedBy] = [drawInstant(world, dice), dice.chance(60) ? never : drawInstant(world, dice)]
  return { lastSeenBy, tokensEndedBy }
}
