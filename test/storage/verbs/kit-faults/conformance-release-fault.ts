import type { Release } from '../../../../src/domain/decide-release'
import type { Store } from '../../../../src/storage/verbs/store'
import type { Tables } from '../differential/model/tables'
import { type Fault, fault } from './conformance-fault'

export type Releasing = Store['releaseActivation']

/** Fails in `group`: releases as `release` does. */
export function releaseFault(
  group: string,
  release: (sound: Store, tables: Tables, args: Parameters<Releasing>) => ReturnType<Releasing>,
): Fault {
  return fault(group, (sound, tables) => ({ releaseActivation: (...args) => release(sound, tables, args) }))
}

/** The arguments of a release that is made in another way; with the key that is shown, unless that says otherwise. */
export function releasing([accountId, target, step]: Parameters<Releasing>, how: Release) {
  const { canonicalKey, productId, hostId, proofKey = null } = target
  const named = { canonicalKey, ...(productId !== undefined && { productId }), hostId }
  return [accountId, { ...named, proofKey, ...how }, step] satisfies Parameters<Releasing>
}
