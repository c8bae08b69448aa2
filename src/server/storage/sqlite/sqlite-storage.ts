import { CONTRACT_VERSION, type Storage } from '../contract'
import { accountVerbs } from './account-verbs'
import { activationVerbs } from './activation-verbs'
import { customerVerbs } from './customer-verbs'
import { housekeepingVerbs } from './housekeeping-verbs'
import { licenseVerbs } from './license-verbs'
import { productVerbs } from './product-verbs'
import type { Session } from './session'

/** The storage contract on a session, aggregate by aggregate. */
export function createSqliteStorage(session: Session): Storage {
  return {
    contractVersion: CONTRACT_VERSION,
    name: 'sqlite',
    capabilities: { events: true, idempotency: true },
    open: session.open,
    close: session.close,
    ping: () =>
      session.read(() => {
        // A table of the file: SELECT 1 would answer without it.
        session.sql('SELECT 1 FROM accounts LIMIT 1').get()
      }),
    ...accountVerbs(session),
    ...productVerbs(session),
    ...customerVerbs(session),
    ...licenseVerbs(session),
    ...activationVerbs(session),
    ...housekeepingVerbs(session),
  }
}
