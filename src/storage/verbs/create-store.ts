import type { AuditEvent } from '../../domain/event'
import type { Storage } from '../contract'
import { createDraws, type Draws } from '../draws'
import { createStepper } from '../stepper/stepper'
import { SCHEMA } from '../tables'
import { accountVerbs } from './account-verbs'
import { activationVerbs } from './activation-verbs'
import { customerVerbs } from './customer-verbs'
import { housekeepingVerbs } from './housekeeping-verbs'
import { licenseVerbs } from './license-verbs'
import { productVerbs } from './product-verbs'
import { sessionVerbs } from './session-verbs'
import type { Store } from './store'
import { transferVerbs } from './transfer-verbs'
import { trialVerbs } from './trial-verbs'
import { webhookVerbs } from './webhook-verbs'

export interface StoreOptions {
  /** Where ids and places come from. Default: time and randomness. */
  readonly draws?: Draws
  /** Told of the events that a step has stored, before the step's caller goes on; must not throw. */
  readonly onStored?: (events: readonly AuditEvent[]) => void
}

/** Everything that services ask for, over a storage that keeps rows. */
export function createStore(storage: Storage, { draws = createDraws(), onStored }: StoreOptions = {}): Store {
  const { newPlace, ...drawn } = draws
  const stepper = createStepper({ storage, tables: SCHEMA.tables, ...drawn })
  const keeping = { stepper, newPlace, onStored }
  return {
    name: storage.name,
    async open() {
      await storage.open(SCHEMA)
      stepper.open()
    },
    async close() {
      await stepper.close()
      await storage.close()
    },
    ping: () => storage.ping(),
    ...accountVerbs(keeping),
    ...productVerbs(keeping),
    ...customerVerbs(keeping),
    ...licenseVerbs(keeping),
    ...activationVerbs(keeping),
    ...trialVerbs(keeping),
    ...sessionVerbs(keeping),
    ...webhookVerbs(keeping),
    ...housekeepingVerbs(keeping),
    ...transferVerbs(keeping),
  }
}
