import { CONTRACT_VERSION, type Storage } from '../contract'
import { EVERY_CAPABILITY } from '../every-capability'
import { accountVerbs } from './account-verbs'
import { activationVerbs } from './activation-verbs'
import { customerVerbs } from './customer-verbs'
import { housekeepingVerbs } from './housekeeping-verbs'
import { licenseVerbs } from './license-verbs'
import { productVerbs } from './product-verbs'
import { sessionVerbs } from './session-verbs'
import type { Store } from './store'
import { transferVerbs } from './transfer-verbs'
import { webhookVerbs } from './webhook-verbs'

/** The storage contract on a store, aggregate by aggregate. */
export function createSqliteStorage(store: Store): Storage {
  return {
    contractVersion: CONTRACT_VERSION,
    name: 'sqlite',
    capabilities: EVERY_CAPABILITY,
    open: store.open,
    close: store.close,
    ping: () =>
      store.read(() => {
        // A table of the file: SELECT 1 would answer without it.
        store.sql('SELECT 1 FROM accounts LIMIT 1').get()
      }),
    ...accountVerbs(store),
    ...productVerbs(store),
    ...customerVerbs(store),
    ...licenseVerbs(store),
    ...activationVerbs(store),
    ...sessionVerbs(store),
    ...webhookVerbs(store),
    ...housekeepingVerbs(store),
    ...transferVerbs(store),
  }
}
