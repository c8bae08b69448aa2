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
  readonly name: string
  /** The outcome's kind on that scene. */
  readonly kind: string
  /** The outcome's kind when another account asks; absent where the verb only adds to the caller's own. */
  readonly foreignKind?: string
  /** True where the outcome has the license, which an event then belongs to. */
  readonly aboutLicense?: true
  call(storage: Storage, accountId: string, step: AnyStep): Promise<{ readonly kind: string }>
}

const target = { canonicalKey: 'KEY-ONE', productId: 'prod_editor' }
const keyOnly = { canonicalKey: 'KEY-ONE' }

/** A product, a customer with a license and one activation, and a token; all of `ACCOUNT`. */
export async function setScene(storage: Storage): Promise<void> {
  await storage.insertCustomer(ACCOUNT.id, newCustomer('ada'), { now: NOW })
  await storage.insertAccessToken(ACCOUNT.id, newAccessToken('plain'), { now: NOW })
  const sale = await sell(storage, { customerId: 'cus_ada', expiresAt: new Date('2027-01-01T00:00:00.001Z') })
  outcomeOf(await claim(storage, sale, 'host-1'), 'created')
}

/** Every verb that takes a step. */
export const mutatingVerbs: readonly MutatingVerb[] = [
  {
    name: 'insertAccessToken',
    kind: 'created',
    call: (storage, accountId, step) =>
      storage.insertAccessToken(accountId, newAccessToken('new', { accountId }), step),
  },
  {
    name: 'revokeAccessToken',
    kind: 'revoked',
    foreignKind: 'gone',
    call: (storage, accountId, step) => storage.revokeAccessToken(accountId, 'tok_plain', step),
  },
  {
    name: 'insertProduct',
    kind: 'created',
    call: (storage, accountId, step) => storage.insertProduct(accountId, newProduct('new'), step),
  },
  {
    name: 'updateProduct',
    kind: 'updated',
    foreignKind: 'gone',
    call: (storage, accountId, step) => storage.updateProduct(accountId, 'prod_editor', { name: 'Renamed' }, step),
  },
  {
    name: 'insertCustomer',
    kind: 'created',
    call: (storage, accountId, step) => storage.insertCustomer(accountId, newCustomer('new', { accountId }), step),
  },
  {
    name: 'updateCustomer',
    kind: 'updated',
    foreignKind: 'gone',
    call: (storage, accountId, step) => storage.updateCustomer(accountId, 'cus_ada', { name: 'Renamed' }, step),
  },
  {
    name: 'updateCustomer, toggling',
    kind: 'updated',
    foreignKind: 'gone',
    call: (storage, accountId, step) => storage.updateCustomer(accountId, 'cus_ada', 'toggle', step),
  },
  {
    name: 'deleteCustomer',
    kind: 'deleted',
    foreignKind: 'gone',
    call: (storage, accountId, step) => storage.deleteCustomer(accountId, 'cus_ada', step),
  },
  {
    name: 'insertLicenses',
    kind: 'created',
    // The customer is not theirs.
    foreignKind: 'customer-not-found',
    call: (storage, accountId, step) =>
      storage.insertLicenses(
        accountId,
        { licenses: [newLicense('new', { accountId, customerId: 'cus_ada', metadata: { $date: 1 } })] },
        step,
      ),
  },
  {
    name: 'updateLicense',
    kind: 'updated',
    foreignKind: 'foreign',
    aboutLicense: true,
    call: (storage, accountId, step) => storage.updateLicense(accountId, keyOnly, { maxActivations: 9 }, step),
  },
  {
    name: 'updateLicense for a product',
    kind: 'updated',
    foreignKind: 'gone',
    aboutLicense: true,
    call: (storage, accountId, step) => storage.updateLicense(accountId, target, { maxActivations: 9 }, step),
  },
  {
    name: 'deleteLicense',
    kind: 'deleted',
    foreignKind: 'foreign',
    aboutLicense: true,
    call: (storage, accountId, step) => storage.deleteLicense(accountId, keyOnly, step),
  },
  {
    name: 'deleteLicense for a product',
    kind: 'deleted',
    foreignKind: 'gone',
    aboutLicense: true,
    call: (storage, accountId, step) => storage.deleteLicense(accountId, target, step),
  },
  {
    name: 'resetLicense',
    kind: 'reset',
    foreignKind: 'foreign',
    aboutLicense: true,
    call: (storage, accountId, step) => storage.resetLicense(accountId, keyOnly, step),
  },
  {
    name: 'resetLicense for a product',
    kind: 'reset',
    foreignKind: 'gone',
    aboutLicense: true,
    call: (storage, accountId, step) => storage.resetLicense(accountId, target, step),
  },
  {
    name: 'claimActivation for a new host',
    kind: 'created',
    foreignKind: 'gone',
    aboutLicense: true,
    call: (storage, accountId, step) => storage.claimActivation(accountId, target, newActivation('host-2'), step),
  },
  {
    name: 'claimActivation for a host with a slot',
    kind: 'existing',
    foreignKind: 'gone',
    aboutLicense: true,
    call: (storage, accountId, step) => storage.claimActivation(accountId, target, newActivation('host-1'), step),
  },
  {
    name: 'releaseActivation',
    kind: 'released',
    foreignKind: 'gone',
    aboutLicense: true,
    call: (storage, accountId, step) => storage.releaseActivation(accountId, { ...target, hostId: 'host-1' }, step),
  },
  {
    name: 'releaseAllActivations',
    kind: 'released',
    foreignKind: 'gone',
    aboutLicense: true,
    call: (storage, accountId, step) => storage.releaseAllActivations(accountId, target, step),
  },
]
