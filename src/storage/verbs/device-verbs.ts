import { decideDropUser, type UserDropOutcome } from '../../domain/decide-drop-user'
import { type DeviceFacts, decideFreeDevice } from '../../domain/decide-release'
import { type Decided, only } from '../../domain/decision'
import { isCovered } from '../../domain/product-list'
import type { ActivationVerbs } from './activation-contract'
import { Later } from './later'
import {
  CEILING,
  ceilingOf,
  entryCounter,
  liveEntries,
  lookForTarget,
  OWN_CUSTOMER,
  spendingsFinder,
  targetOf,
} from './license-target'
import { type Keeping, mutate, type Verb } from './run-step'
import { DEVICES } from './slot-facts'
import type { ActivationTarget, DeviceOutcome, Step } from './store'

/** What is done to a device by whoever has the license key. */
export function deviceVerbs(keeping: Keeping): Pick<ActivationVerbs, 'releaseDevice' | 'dropDeviceUser'> {
  return {
    releaseDevice: (accountId, { canonicalKey, productId, ...request }, step) =>
      mutate<DeviceOutcome>(
        keeping,
        accountId,
        step,
        verbOn({ accountId, target: { canonicalKey, productId }, step }, (facts) =>
          decideFreeDevice(facts, request, step.now),
        ),
      ),

    dropDeviceUser: (accountId, { canonicalKey, productId, ...request }, step) =>
      mutate<UserDropOutcome>(
        keeping,
        accountId,
        step,
        verbOn({ accountId, target: { canonicalKey, productId }, step }, (facts) =>
          decideDropUser(facts, request, step.now),
        ),
      ),
  }
}

interface Asked {
  readonly accountId: string
  readonly target: ActivationTarget
  readonly step: Step<never>
}

/** A verb that reads the devices of a license. */
function verbOn<O extends UserDropOutcome>(
  { accountId, target, step }: Asked,
  decide: (facts: DeviceFacts) => Decided<O>,
): Verb<O | DeviceOutcome> {
  return {
    queries: [...lookForTarget(target, { ...OWN_CUSTOMER, ...DEVICES, ...liveEntries(step.now) }), CEILING],
    decide(answers, facts, further) {
      const named = targetOf(facts, answers, accountId, target)
      if ('kind' in named || named.product === null) return only({ kind: 'gone' })
      const { license, customer, product, found } = named
      if (!isCovered(license, step.products)) return only({ kind: 'no-self-service' })
      const later = new Later(further)
      const rows = {
        license,
        customer,
        product,
        devices: facts.all('activation', found.followed.devices),
        findSpendings: spendingsFinder(facts, found, later),
        ceiling: ceilingOf(facts, answers.at(-1)),
        countEntries: entryCounter(found, step.now, later),
      }
      return later.orAsk(decide(rows))
    },
  }
}
