import { DISPLACED } from '../../../../src/domain/displaced'
import { claimFault } from './conformance-claim-fault'
import type { Fault } from './conformance-fault'

const GROUP = 'hosts that were displaced'

/** What goes wrong where a host is displaced. */
export const displacedFaults: Readonly<Record<string, Fault>> = {
  'forgets who was displaced': claimFault(GROUP, (sound, tables, args) => {
    for (const spent of tables.spendings.values()) spent.delete(DISPLACED)
    return sound.claimActivation(...args)
  }),

  'lets a displaced host take the slot again and again': claimFault(GROUP, async (sound, tables, args) => {
    const before = [...tables.spendings].map(([id, spent]) => [id, spent.get(DISPLACED)] as const)
    const outcome = await sound.claimActivation(...args)
    for (const [id, known] of before) if (known !== undefined) tables.spendings.get(id)?.set(DISPLACED, known)
    return outcome
  }),
}
