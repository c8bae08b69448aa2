import type { Store } from '../../../../src/storage/verbs/store'
import type { Tables } from '../differential/model/tables'
import { type Fault, fault } from './conformance-fault'

type Drop = Store['dropDeviceUser']
type Request = Parameters<Drop>[1]

/** Fails in the group of users that are dropped: drops as `drop` does. */
function dropFault(drop: (sound: Store, args: Parameters<Drop>, tables: Tables) => ReturnType<Drop>): Fault {
  return fault('users of a device, dropped', (sound, tables) => ({
    dropDeviceUser: (...args) => drop(sound, args, tables),
  }))
}

/** Drops as if something else was asked. */
function askedFault(change: (request: Request) => Request): Fault {
  return dropFault((sound, [accountId, request, step]) => sound.dropDeviceUser(accountId, change(request), step))
}

/** What goes wrong where the users of a device are dropped. */
export const deviceUserFaults: Readonly<Record<string, Fault>> = {
  'lets a key drop older ones, and anybody drop any': askedFault((request) => ({ ...request, trusted: true })),

  'counts no drops by who has the license key': askedFault(({ rules: _rules, ...request }) => request),

  'counts a drop of a younger user': askedFault((request) => ({ ...request, proofKey: null })),

  'forgets whom it has dropped': dropFault(async (sound, args, tables) => {
    const outcome = await sound.dropDeviceUser(...args)
    if (outcome.kind !== 'dropped') return outcome
    const { activation } = outcome
    const keys = activation.keys.filter(({ droppedAt }) => droppedAt === null)
    tables.activationsOf(activation.licenseId).set(activation.hostId, { ...activation, keys })
    return outcome
  }),

  'revokes no tokens of whom it drops': dropFault(async (sound, args, tables) => {
    const before = new Map(tables.revocations)
    const outcome = await sound.dropDeviceUser(...args)
    tables.revocations.clear()
    for (const [id, entry] of before) tables.revocations.set(id, entry)
    return outcome
  }),
}
