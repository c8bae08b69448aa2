import { type Activation, findHeld, type Takeover } from '../../../../src/domain/activation'
import type { License } from '../../../../src/domain/license'
import type { SlotRequest } from '../../../../src/domain/slot-request'
import type { Store } from '../../../../src/storage/verbs/store'
import type { Tables } from '../differential/model/tables'
import { type Fault, fault } from './conformance-fault'

export type Claim = Store['claimActivation']
type Claimed = Awaited<ReturnType<Claim>>
type Taken = Extract<Claimed, { readonly kind: Takeover }>

/** Fails in `group`: claims as `claim` does. */
export function claimFault(
  group: string,
  claim: (sound: Store, tables: Tables, args: Parameters<Claim>) => ReturnType<Claim>,
): Fault {
  return fault(group, (sound, tables) => ({ claimActivation: (...args) => claim(sound, tables, args) }))
}

/** Fails in `group`: stores and answers what `change` makes of the row of a takeover of that kind. */
export function takeoverFault(
  group: string,
  kind: Takeover,
  change: (taken: Taken, held: Activation) => Activation,
): Fault {
  return claimFault(group, async (sound, tables, args) => {
    const held = heldBy(tables, args)
    const outcome = await sound.claimActivation(...args)
    if (!isTaken(outcome, kind) || held === null) return outcome
    const activation = change(outcome, held)
    putRow(tables, activation)
    return { ...outcome, activation }
  })
}

function isTaken(outcome: Claimed, kind: Takeover): outcome is Taken {
  return outcome.kind === kind
}

export function licenseIn(
  { licenses, licenseIds }: Tables,
  [, { canonicalKey }]: readonly [string, { readonly canonicalKey: string }, ...unknown[]],
): License | undefined {
  return licenses.get(licenseIds.get(canonicalKey) ?? '')
}

/** The row that a claim is about. */
export function heldBy(tables: Tables, args: Parameters<Claim>): Activation | null {
  return findHeld(args[2], (hostId) => rowOf(tables, args, hostId), args[3].now, new Date(0))
}

/** A host's row of the license that a claim, or a release, names. */
export function rowOf(tables: Tables, args: Parameters<typeof licenseIn>[1], hostId: string): Activation | null {
  return tables.activationsOf(licenseIn(tables, args)?.id ?? '').get(hostId) ?? null
}

export function putRow(tables: Tables, activation: Activation): void {
  tables.activationsOf(activation.licenseId).set(activation.hostId, activation)
}

/** The arguments of a claim that asks for something else. */
export function asking([accountId, target, activation, step]: Parameters<Claim>, changes: Partial<SlotRequest>) {
  return [accountId, target, { ...activation, ...changes }, step] satisfies Parameters<Claim>
}

/** The arguments of a claim by whoever is asked for no key. */
export function trusting(args: Parameters<Claim>) {
  return asking(args, { trusted: true })
}

/** Counts a slot more, or fewer, than there are. */
export function miscount(tables: Tables, license: License, by: number): License {
  const counted = { ...license, activationCount: license.activationCount + by }
  tables.licenses.set(license.id, counted)
  return counted
}
