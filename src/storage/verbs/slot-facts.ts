import type { SlotFacts } from '../../domain/choose-slot'
import type { Release } from '../../domain/decide-release'
import { DISPLACED } from '../../domain/displaced'
import { likelyAllowances, type SlotRequest } from '../../domain/slot-request'
import type { Found, Query } from '../contract'
import type { Facts } from './facts'
import { ofLicense } from './generations'
import type { Later } from './later'
import {
  activationsOn,
  besides,
  entriesOf,
  entryCounter,
  listedOf,
  lookForDevices,
  lookForEnded,
  lookForRested,
  OWN_CUSTOMER,
  spendingsFinder,
  spendingsOf,
} from './license-target'

type Follow = NonNullable<Query['follow']>

/** The devices of a license, which the license key names. */
export const DEVICES: Follow = { devices: lookForDevices() }

/** What a claim must know of a license. */
export function slotsOf(claim: SlotRequest): Follow {
  return {
    ...OWN_CUSTOMER,
    ...activationsOn([claim.hostId, ...(claim.previousHostIds ?? [])]),
    ...entriesOf(claim.hostId),
    ...spendingsOf([...likelyAllowances(claim), ...(claim.proofKey ? [{ name: DISPLACED }] : [])]),
    ...(claim.replaceDevice !== undefined && DEVICES),
  }
}

/** What was read of a license for a claim, and what is asked later. */
export function slotFacts(facts: Facts, found: Found, later: Later, now: Date): Omit<SlotFacts, 'product' | 'ceiling'> {
  const license = facts.entity('license', found)
  const own = ofLicense('activation', found.row)
  // One query each, however often it is asked.
  const [all, rested] = [lookForDevices(own), lookForRested(own, now)]
  const resting = () => later.answer(rested)
  return {
    license,
    ...besides(facts, found),
    findDevices: () => facts.all('activation', found.followed.devices ?? later.answer(all)),
    findResting: () => facts.all('activation', resting()),
    // Nobody asks before it is known that none has rested.
    findEnded: () => (resting() === undefined ? [] : facts.all('activation', later.answer(lookForEnded(own, now)))),
    findSpendings: spendingsFinder(facts, found, later),
    countEntries: entryCounter(found, now, later),
    findEntries: () => listedOf(facts, found),
  }
}

/** What giving up a slot may be charged to; or what the vendor's word ends. */
export function changesOf({ rules, trusted }: Release): readonly { readonly name: string }[] {
  if (trusted === true) return [{ name: DISPLACED }]
  return rules?.moves ? [rules.moves] : []
}
