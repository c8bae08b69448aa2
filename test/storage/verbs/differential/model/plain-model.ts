import type { Store } from '../../../../../src/storage/verbs/store'
import { accountVerbs } from './account-verbs'
import { activationVerbs } from './activation-verbs'
import { customerVerbs } from './customer-verbs'
import { Handle } from './handle'
import { housekeepingVerbs } from './housekeeping-verbs'
import { licenseVerbs } from './license-verbs'
import { productVerbs } from './product-verbs'
import { sessionVerbs } from './session-verbs'
import { Tables } from './tables'
import { transferVerbs } from './transfer-verbs'
import { trialVerbs } from './trial-verbs'
import { webhookVerbs } from './webhook-verbs'

/**
 * The contract in the plainest words: maps, and rules applied to them one call after the other. It shares the rules of
 * `src/domain` with the storage, but nothing of how that reads, decides and writes.
 */
export interface PlainModel {
  readonly storage: Store
  /** Another model, with everything that this one has kept so far. */
  copy(): PlainModel
}

export function plainModel(tables: Tables = new Tables()): PlainModel {
  const handle = new Handle(() => tables)
  return {
    storage: {
      name: 'model',
      open: () => handle.open(),
      close: () => handle.close(),
      ping: async () => void handle.tables,
      ...accountVerbs(handle),
      ...productVerbs(handle),
      ...customerVerbs(handle),
      ...licenseVerbs(handle),
      ...activationVerbs(handle),
      ...trialVerbs(handle),
      ...sessionVerbs(handle),
      ...webhookVerbs(handle),
      ...housekeepingVerbs(handle),
      ...transferVerbs(handle),
    },
    copy: () => plainModel(Object.assign(new Tables(), structuredClone({ ...tables }))),
  }
}
