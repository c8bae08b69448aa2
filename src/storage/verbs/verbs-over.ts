import { CONTRACT_VERSION, type Storage } from '../contract'
import { createDraws, type Draws } from '../draws'
import { EVERY_CAPABILITY } from '../every-capability'
import type { RowStorage } from '../rows/contract'
import { createStepper } from '../rows/stepper'
import { ROW_TABLES } from '../tables'
import { accountVerbs } from './account-verbs'
import { activationVerbs } from './activation-verbs'
import { customerVerbs } from './customer-verbs'
import { housekeepingVerbs } from './housekeeping-verbs'
import { licenseVerbs } from './license-verbs'
import { productVerbs } from './product-verbs'
import { sessionVerbs } from './session-verbs'
import { transferVerbs } from './transfer-verbs'
import { webhookVerbs } from './webhook-verbs'

/** Everything that services ask for, over a storage that keeps rows. */
export function verbsOver(rows: RowStorage, { newPlace, ...draws }: Draws = createDraws()): Storage {
  const stepper = createStepper({ storage: rows, tables: ROW_TABLES, ...draws })
  const keeping = { stepper, newPlace }
  return {
    contractVersion: CONTRACT_VERSION,
    name: rows.name,
    capabilities: EVERY_CAPABILITY,
    async open() {
      await rows.open(ROW_TABLES)
      stepper.open()
    },
    async close() {
      await stepper.close()
      await rows.close()
    },
    ping: () => rows.ping(),
    ...accountVerbs(keeping),
    ...productVerbs(keeping),
    ...customerVerbs(keeping),
    ...licenseVerbs(keeping),
    ...activationVerbs(keeping),
    ...sessionVerbs(keeping),
    ...webhookVerbs(keeping),
    ...housekeepingVerbs(keeping),
    ...transferVerbs(keeping),
  }
}
