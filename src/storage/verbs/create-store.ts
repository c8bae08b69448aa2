import type { AuditEvent } from '../../domain/event'
import type { Storage } from '../contract'
import { createDraws, type Draws } from '../draws'
import { createStepper } from '../stepper/stepper'
import { SCHEMA } from '../tables'
import { accountVerbs } from './account-verbs'
import { activationVerbs } from './activation-verbs'
import { createClearing } from './clear-leftovers'
import { customerVerbs } from './customer-verbs'
import { housekeepingVerbs } from './housekeeping-verbs'
import { licenseVerbs } from './license-verbs'
import { productVerbs } from './product-verbs'
import type { Keeping } from './run-step'
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
  /**
   * How many activations and sessions a step removes at most. A license that loses more loses them at once all the same, and
   * their rows follow in the background, so many at a time. Default 100.
   */
  readonly rowsAtOnce?: number
}

/** So few that the event loop is not held up, also where 64 such steps are written together. */
const ROWS_AT_ONCE = 100

/** Everything that services ask for, over a storage that keeps rows. */
export function createStore(storage: Storage, options: StoreOptions = {}): Store {
  const { draws = createDraws(), onStored, rowsAtOnce = ROWS_AT_ONCE } = options
  const { newPlace, ...drawn } = draws
  const stepper = createStepper({ storage, tables: SCHEMA.tables, ...drawn })
  const clearing = createClearing(() => keeping)
  const keeping: Keeping = { stepper, newPlace, onStored, rowsAtOnce, clearing }
  return {
    name: storage.name,
    async open() {
      await storage.open(SCHEMA)
      stepper.open()
      clearing.open()
    },
    async close() {
      // From this very call on there are no new steps.
      await Promise.all([clearing.close(), stepper.close()])
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
