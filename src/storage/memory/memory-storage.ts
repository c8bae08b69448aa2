import { CONTRACT_VERSION, type Storage } from '../contract'
import { EVERY_CAPABILITY } from '../every-capability'
import { accountVerbs } from './account-verbs'
import { activationVerbs } from './activation-verbs'
import { customerVerbs } from './customer-verbs'
import { Handle } from './handle'
import { housekeepingVerbs } from './housekeeping-verbs'
import { licenseVerbs } from './license-verbs'
import { productVerbs } from './product-verbs'
import { sessionVerbs } from './session-verbs'
import type { Tables } from './tables'
import { transferVerbs } from './transfer-verbs'
import { webhookVerbs } from './webhook-verbs'

/**
 * Keeps everything in this process and forgets it on `close()`: for tests, demonstrations and a first look. It is
 * also the contract's smallest correct reading: where an adapter of yours disagrees with it, start looking there.
 */
export function memoryStorage(): Storage {
  return createMemoryStorage(new Handle())
}

/** Storage on tables that outlive its handles: what is closed can be opened again, several times at once. */
export function storageOn(tables: Tables): Storage {
  return createMemoryStorage(new Handle(() => tables))
}

function createMemoryStorage(handle: Handle): Storage {
  return {
    contractVersion: CONTRACT_VERSION,
    name: 'memory',
    capabilities: EVERY_CAPABILITY,
    open: () => handle.open(),
    close: () => handle.close(),
    ping: async () => {
      void handle.tables
    },
    ...accountVerbs(handle),
    ...productVerbs(handle),
    ...customerVerbs(handle),
    ...licenseVerbs(handle),
    ...activationVerbs(handle),
    ...sessionVerbs(handle),
    ...webhookVerbs(handle),
    ...housekeepingVerbs(handle),
    ...transferVerbs(handle),
  }
}
