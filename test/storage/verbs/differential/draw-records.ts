import type { StoreRecord } from '../../../../src/storage/records'
import type { Dice } from './dice'
import { ACCOUNTS, COUNTS, drawInstant, type World } from './world'

const MOST_RECORDS = 6

/** Records that were exported before, as they were or with something changed, so that they meet what is there now. */
export function drawRecords(dice: Dice, world: World): readonly StoreRecord[] {
  if (world.records.length === 0) return [{ kind: 'stamp-ceiling', value: { ceiling: dice.upTo(20) } }]
  const start = dice.upTo(world.records.length)
  // Neighbours belong together more often than not.
  const stretch = dice.chance(50) ? world.records.slice(start) : world.records.filter(() => dice.chance(10))
  return stretch.slice(0, 1 + dice.upTo(MOST_RECORDS)).map((record) => {
    return dice.chance(50) ? record : changed(record, dice, world)
  })
}

function changed(record: StoreRecord, dice: Dice, world: World): StoreRecord {
  const { round } = world
  const suffix = `${round}_${dice.upTo(100)}`
  switch (record.kind) {
    case 'signing-key':
    case 'account':
      return record
    case 'stamp-ceiling':
      return { ...record, value: { ceiling: record.value.ceiling + dice.one([-1, 0, 1, 60_000]) } }
    case 'revocation':
      return { ...record, value: { ...record.value, ...drawEntry(dice, world, suffix) } }
    case 'access-token':
      return {
        ...record,
        value: { ...record.value, id: `tok_${suffix}`, accountId: dice.one([...ACCOUNTS, 'acct_none']) },
      }
    case 'product':
      return dice.chance(50)
        ? record
        : {
            ...record,
            value: { ...record.value, id: `prod_${suffix}`, packageId: record.value.packageId + dice.upTo(3) },
          }
    case 'license':
      return {
        ...record,
        value: {
          ...record.value,
          id: `lic_${dice.upTo(COUNTS.license)}`,
          canonicalKey: `KEY-${dice.upTo(COUNTS.license)}`,
        },
      }
    case 'activation':
      return { ...record, value: { ...record.value, ...drawPlace(dice), id: `act_${suffix}`, jti: `jti_${suffix}` } }
    case 'session':
      return { ...record, value: { ...record.value, id: `ses_${suffix}`, hostId: dice.id('host', COUNTS.host) } }
    case 'delivery':
      return { ...record, value: { ...record.value, id: `${record.value.eventId}.${suffix}` } }
    default:
      return changedOwner(record, dice, suffix)
  }
}

/** The same entry with another stamp and end, or one more of a license. */
function drawEntry(dice: Dice, world: World, suffix: string) {
  const stamp = world.now.getTime() + dice.one([-600_000, 0, 600_000])
  const entry = { stamp, endsAt: drawInstant(world, dice) }
  return dice.chance(40) ? entry : { ...entry, id: `rev_${suffix}`, licenseId: dice.id('lic', 3), rank: 0 }
}

function drawPlace(dice: Dice) {
  return { hostId: dice.id('host', COUNTS.host), licenseId: dice.id('lic', COUNTS.license) }
}

function changedOwner(
  record: Extract<StoreRecord, { kind: 'product-version' | 'customer' | 'webhook-endpoint' | 'event' }>,
  dice: Dice,
  suffix: string,
): StoreRecord {
  switch (record.kind) {
    case 'product-version':
      return {
        ...record,
        value: { ...record.value, id: `ver_${suffix}`, productId: dice.one(['prod_0', 'prod_none']) },
      }
    case 'customer':
      return {
        ...record,
        value: { ...record.value, id: dice.id('cus', COUNTS.customer), accountId: dice.one(ACCOUNTS) },
      }
    case 'webhook-endpoint':
      return { ...record, value: { ...record.value, accountId: dice.one(ACCOUNTS) } }
    case 'event':
      return { ...record, value: { ...record.value, id: `evt_${suffix}`, accountId: dice.one(ACCOUNTS) } }
  }
}
