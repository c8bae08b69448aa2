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
export function createPostgresStorage(store: Store): Storage {
  return {
    contractVersion: CONTRACT_VERSION,
    name: 'postgres',
    capabilities: EVERY_CAPABILITY,
    open: store.open,
    close: store.close,
    async ping() {
      // A table of the schema: SELECT 1 would answer without it.
      await store.rows('SELECT 1 FROM @accounts LIMIT 1')
    },
    ...accountVerbs(store),
    ...productVerbs(store),
    ...customerVerbs(store),
    ...licenseVerbs(store),
    ...activationVerbs(store),
    ...sessionVerbs(store),
    ...webhookVerbs(store),
    ...transferVerbs(store),
    ...housekeepingVerbs(store),
  }
}
