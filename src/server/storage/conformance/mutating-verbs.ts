import type { PlannedEvent } from '../../domain/event'
import type { Idempotency, Storage } from '../contract'
import {
  ACCOUNT,
  claim,
  NOW,
  newAccessToken,
  newActivation,
  newCustomer,
  newLicense,
  newProduct,
  sell,
} from './entities'
import { outcomeOf } from './outcomes'

/** What a step can carry, whatever the verb. */
export interface AnyStep {
  readonly now: Date
  readonly events?: Readonly<Record<string, readonly PlannedEvent[]>>
  readonly idempotency?: Idempotency
}

/** One mutating verb, called on what {@link setScene} has stored. */
export interface MutatingVerb {
  /** The outcome's kind on that scene. */
  readonly kind: string
  /** The outcome's kind when another account asks; null where the verb only adds to the caller's own. */
  readonly foreignKind: string | null
  readonly call: Call
}

type Call = (storage: Storage, accountId: string, step: AnyStep) => Promise<{ readonly kind: string }>

const target = { canonicalKey: 'KEY-ONE', productId: 'prod_editor' }
const keyOnly = { canonicalKey: 'KEY-ONE' }

/** A product, a customer with a license and one activation, and a token; all of `ACCOUNT`. */
export async function setScene(storage: Storage): Promise<void> {
  await storage.insertCustomer(ACCOUNT.id, newCustomer('ada'), { now: NOW })
  await storage.insertAccessToken(ACCOUNT.id, newAccessToken('plain'), { now: NOW })
  const sale = await sell(storage, { customerId: 'cus_ada', expiresAt: new Date('2027-01-01T00:00:00.001Z') })
  outcomeOf(await claim(storage, sale, 'host-1'), 'created')
}

function verb(kind: string, foreignKind: string | null, call: Call): MutatingVerb {
  return { kind, foreignKind, call }
}

/** Every verb that takes a step, by name. */
export const mutatingVerbs: Readonly<Record<string, MutatingVerb>> = {
  insertAccessToken: verb('created', null, (storage, accountId, step) =>
    storage.insertAccessToken(accountId, newAccessToken('new', { accountId }), step),
  ),
  revokeAccessToken: verb('revoked', 'gone', (storage, accountId, step) =>
    storage.revokeAccessToken(accountId, 'tok_plain', step),
  ),
  insertProduct: verb('created', null, (storage, accountId, step) =>
    storage.insertProduct(accountId, newProduct('new'), step),
  ),
  updateProduct: verb('updated', 'gone', (storage, accountId, step) =>
    storage.updateProduct(accountId, 'prod_editor', { name: 'Renamed' }, step),
  ),
  insertCustomer: verb('created', null, (storage, accountId, step) =>
    storage.insertCustomer(accountId, newCustomer('new', { accountId }), step),
  ),
  updateCustomer: verb('updated', 'gone', (storage, accountId, step) =>
    storage.updateCustomer(accountId, 'cus_ada', { name: 'Renamed' }, step),
  ),
  'updateCustomer, toggling': verb('updated', 'gone', (storage, accountId, step) =>
    storage.updateCustomer(accountId, 'cus_ada', 'toggle', step),
  ),
  deleteCustomer: verb('deleted', 'gone', (storage, accountId, step) =>
    storage.deleteCustomer(accountId, 'cus_ada', step),
  ),
  // To the other account, the customer is not there.
  insertLicenses: verb('created', 'customer-not-found', (storage, accountId, step) =>
    storage.insertLicenses(accountId, { licenses: [newLicense('new', { accountId, customerId: 'cus_ada' })] }, step),
  ),
  updateLicense: verb('updated', 'foreign', (storage, accountId, step) =>
    storage.updateLicense(accountId, keyOnly, { maxActivations: 9 }, step),
  ),
  'updateLicense for a product': verb('updated', 'gone', (storage, accountId, step) =>
    storage.updateLicense(accountId, target, { maxActivations: 9 }, step),
  ),
  deleteLicense: verb('deleted', 'foreign', (storage, accountId, step) =>
    storage.deleteLicense(accountId, keyOnly, step),
  ),
  'deleteLicense for a product': verb('deleted', 'gone', (storage, accountId, step) =>
    storage.deleteLicense(accountId, target, step),
  ),
  resetLicense: verb('reset', 'foreign', (storage, accountId, step) => storage.resetLicense(accountId, keyOnly, step)),
  'resetLicense for a product': verb('reset', 'gone', (storage, accountId, step) =>
    storage.resetLicense(accountId, target, step),
  ),
  'claimActivation for a new host': verb('created', 'gone', (storage, accountId, step) =>
    storage.claimActivation(accountId, target, newActivation('host-2'), step),
  ),
  'claimActivation for a host with a slot': verb('existing', 'gone', (storage, accountId, step) =>
    storage.claimActivation(accountId, target, newActivation('host-1'), step),
  ),
  releaseActivation: verb('released', 'gone', (storage, accountId, step) =>
    storage.releaseActivation(accountId, { ...target, hostId: 'host-1' }, step),
  ),
  releaseAllActivations: verb('released', 'gone', (storage, accountId, step) =>
    storage.releaseAllActivations(accountId, target, step),
  ),
}
