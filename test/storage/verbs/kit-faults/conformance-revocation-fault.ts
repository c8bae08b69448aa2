import type { Revocation } from '../../../../src/domain/decision'
import type { Tables } from '../differential/model/tables'
import { type Fault, faultInSteps } from './conformance-fault'

const GROUP = 'revocations'

/** Makes other entries of one that a step has made or changed, told the hosts that its license had before the step. */
type Relist = (made: Revocation, hostIds: readonly string[]) => readonly Revocation[]

/** Runs a synchronous step; the entries that it makes or changes pass through `relist`. */
function relisting<T>(tables: Tables, run: () => T, relist: Relist): T {
  const hosts = new Map([...tables.activations].map(([id, rows]) => [id, [...rows.keys()]]))
  const before = new Map(tables.revocations)
  const result = run()
  for (const [key, made] of [...tables.revocations]) {
    const known = before.get(key)
    if (made === known) continue
    tables.revocations.delete(key)
    if (known !== undefined) tables.revocations.set(key, known)
    for (const entry of relist(made, hosts.get(made.licenseId) ?? [])) {
      tables.revocations.set(JSON.stringify([entry.productId, entry.id]), entry)
    }
  }
  return result
}

/** Runs a synchronous step that makes no entry. */
export function withoutRevoking<T>(tables: Tables, run: () => T): T {
  return relisting(tables, run, () => [])
}

/** Fails in `revocations`: the entries that any step makes pass through `relist`. */
export function entryFault(relist: Relist): Fault {
  return faultInSteps(GROUP, (step, run, tables) => relisting(tables, () => run(step), relist))
}
