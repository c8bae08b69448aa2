import { nameOfUser } from '../../../../src/domain/device-user'
import type { PlannedEvent } from '../../../../src/domain/event'
import type { Idempotency, Store } from '../../../../src/storage/verbs/store'
import {
  ACCOUNT,
  checkout,
  claim,
  NOW,
  newAccessToken,
  newActivation,
  newCustomer,
  newEndpoint,
  newLicense,
  newProduct,
  newProofKey,
  newSession,
  newVersion,
  release,
  sell,
  sellMore,
} from './entities'
import { outcomeOf } from './outcomes'
import { RESTING } from './spending'
import { EVERY_HOST } from './unseen-hosts'

/** What a step can carry, whatever the verb. */
interface AnyStep {
  readonly now: Date
  readonly events?: Readonly<Record<string, readonly PlannedEvent[]>>
  readonly idempotency?: Idempotency
}

/** One mutating verb, called on what {@link setScene} has stored. */
interface MutatingVerb {
  /** The outcome's kind on that scene. */
  readonly kind: string
  /** The outcome's kind when another account asks; null where the verb only adds to the caller's own. */
  readonly foreignKind: string | null
  /** What the step adds to its events. */
  readonly told: Readonly<Record<string, unknown>>
  readonly call: Call
}

type Call = (storage: Store, accountId: string, step: AnyStep) => Promise<{ readonly kind: string }>

const target = { canonicalKey: 'KEY-ONE', productId: 'prod_editor' }
const keyOnly = { canonicalKey: 'KEY-ONE' }
const floating = { canonicalKey: 'KEY-FLOAT', productId: 'prod_editor' }
const YOUNGER = { thumbprint: newProofKey('younger') }
const session = { ...floating, sessionId: 'ses_host-1' }

/**
 * A product with a version, a customer with a license and an activation, one whose slot rests, one with two users, a
 * floating license, and a token, a session and a webhook endpoint. All of `ACCOUNT`.
 */
export async function setScene(storage: Store): Promise<void> {
  await storage.insertCustomer(ACCOUNT.id, newCustomer('ada'), { now: NOW })
  await storage.insertAccessToken(ACCOUNT.id, newAccessToken('plain'), { now: NOW })
  const expiresAt = new Date('2027-01-01T00:00:00.001Z')
  const sale = await sell(storage, { customerId: 'cus_ada', externalId: 'order-1', expiresAt, maxActivations: 4 })
  outcomeOf(await claim(storage, sale, 'host-1'), 'created')
  const proofKey = newProofKey('resting')
  outcomeOf(await claim(storage, sale, newActivation('resting', { proofKey })), 'created')
  outcomeOf(await release(storage, sale, 'resting', { proofKey, rules: RESTING }), 'surrendered')
  for (const name of ['older', 'younger']) {
    await claim(storage, sale, newActivation('shared', { proofKey: newProofKey(name) }))
  }
  outcomeOf(await storage.insertProductVersion(ACCOUNT.id, newVersion('1.0'), { now: NOW }), 'created')
  const leased = await sellMore(storage, sale.product, 'float', { type: 'floating', sessionLeaseSeconds: 86_400 })
  outcomeOf(await checkout(storage, leased, 'host-1'), 'created')
  outcomeOf(await storage.insertWebhookEndpoint(ACCOUNT.id, newEndpoint('plain'), { now: NOW }), 'created')
}

function verb(kind: string, foreignKind: string | null, call: Call, told = {}): MutatingVerb {
  return { kind, foreignKind, call, told }
}

/** What an update of the limit tells. */
const LIMIT_TOLD = { changes: { maxActivations: { from: 4, to: 9 } } }

/** Every verb that takes a step, by name. */
export const mutatingVerbs: Readonly<Record<string, MutatingVerb>> = {
  insertAccessToken: verb('created', null, (storage, accountId, step) =>
    storage.insertAccessToken(accountId, newAccessToken('new', { accountId }), step),
  ),
  revokeAccessToken: verb('revoked', 'gone', (storage, accountId, step) =>
    storage.revokeAccessToken(accountId, 'tok_plain', step),
  ),
  noteTokenUse: verb('noted-use', 'gone', (storage, accountId, step) =>
    storage.noteTokenUse(accountId, 'tok_plain', 'used', step),
  ),
  insertProduct: verb('created', null, (storage, accountId, step) =>
    storage.insertProduct(accountId, newProduct('new'), step),
  ),
  updateProduct: verb('updated', 'gone', (storage, accountId, step) =>
    storage.updateProduct(accountId, 'prod_editor', { name: 'Renamed' }, step),
  ),
  insertProductVersion: verb('created', 'gone', (storage, accountId, step) =>
    storage.insertProductVersion(accountId, newVersion('new'), step),
  ),
  updateProductVersion: verb('updated', 'gone', (storage, accountId, step) =>
    storage.updateProductVersion(accountId, 'prod_editor', 'ver_1.0', { active: false }, step),
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
  // To the other account, the product is not there.
  insertLicenses: verb('created', 'product-not-found', (storage, accountId, step) =>
    storage.insertLicenses(accountId, { licenses: [newLicense('new', { accountId })] }, step),
  ),
  updateLicense: verb(
    'updated',
    'foreign',
    (storage, accountId, step) => storage.updateLicense(accountId, keyOnly, { maxActivations: 9 }, step),
    LIMIT_TOLD,
  ),
  'updateLicense for a product': verb(
    'updated',
    'gone',
    (storage, accountId, step) => storage.updateLicense(accountId, target, { maxActivations: 9 }, step),
    LIMIT_TOLD,
  ),
  'updateLicense with a new customer': verb(
    'updated',
    'foreign',
    (storage, accountId, step) => {
      const newCustomerOf = { customer: newCustomer('new', { accountId }), onEmailTaken: 'refuse' } as const
      return storage.updateLicense(accountId, keyOnly, { newCustomer: newCustomerOf }, step)
    },
    { changes: { customerId: { from: 'cus_ada', to: newCustomer('new').id } } },
  ),
  'updateLicense, blocking': verb('updated', 'foreign', (storage, accountId, step) =>
    storage.updateLicense(accountId, keyOnly, { blocked: true }, step),
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
  'claimActivation for a host that went by another id': verb('moved', 'gone', (storage, accountId, step) =>
    storage.claimActivation(accountId, target, newActivation('host-2', { previousHostIds: ['host-1'] }), step),
  ),
  'claimActivation for a host that shows a key': verb(
    'rebound',
    'gone',
    (storage, accountId, step) => {
      const shown = { proofKey: newProofKey('shown'), jti: 'jti_shown' }
      return storage.claimActivation(accountId, target, newActivation('host-1', shown), step)
    },
    { users: 1 },
  ),
  'claimActivation for a host whose slot rests': verb('resumed', 'gone', (storage, accountId, step) =>
    storage.claimActivation(accountId, target, newActivation('resting', { jti: 'jti_again' }), step),
  ),
  releaseActivation: verb('released', 'gone', (storage, accountId, step) =>
    storage.releaseActivation(accountId, { ...target, hostId: 'host-1' }, step),
  ),
  'releaseActivation, surrendering': verb('surrendered', 'gone', (storage, accountId, step) =>
    storage.releaseActivation(accountId, { ...target, hostId: 'host-1', rules: RESTING }, step),
  ),
  'releaseActivation by one of several users': verb('kept', 'gone', (storage, accountId, step) =>
    storage.releaseActivation(accountId, { ...target, hostId: 'shared', proofKey: newProofKey('older') }, step),
  ),
  'releaseActivation by a younger user': verb('pending', 'gone', (storage, accountId, step) =>
    storage.releaseActivation(accountId, { ...target, hostId: 'shared', proofKey: newProofKey('younger') }, step),
  ),
  'releaseActivation of a slot that rests': verb('released', 'gone', (storage, accountId, step) =>
    storage.releaseActivation(accountId, { ...target, hostId: 'resting', trusted: true }, step),
  ),
  dropDeviceUser: verb(
    'dropped',
    'gone',
    (storage, accountId, step) => {
      const by = { proofKey: newProofKey('older'), drops: nameOfUser({ id: 'act_shared' }, YOUNGER) }
      return storage.dropDeviceUser(accountId, { ...target, device: 'act_shared', ...by, trusted: true }, step)
    },
    { hostId: 'shared', droppedKey: YOUNGER.thumbprint },
  ),
  releaseAllActivations: verb('released', 'gone', (storage, accountId, step) =>
    storage.releaseAllActivations(accountId, target, step),
  ),
  releaseUnseen: verb('released', 'kept', (storage, accountId, step) =>
    storage.releaseUnseen(accountId, { licenseId: 'lic_one', hostId: 'host-1' }, EVERY_HOST, step),
  ),
  'claimSession for a new seat': verb('created', 'gone', (storage, accountId, step) =>
    storage.claimSession(accountId, floating, newSession('host-2'), step),
  ),
  'claimSession for a seat that is held': verb('existing', 'gone', (storage, accountId, step) =>
    storage.claimSession(accountId, floating, newSession('host-1', { id: 'ses_again', nonce: 'nonce_again' }), step),
  ),
  renewSession: verb('renewed', 'gone', (storage, accountId, step) =>
    storage.renewSession(accountId, session, { nonce: 'nonce_host-1', nextNonce: 'nonce_next' }, step),
  ),
  releaseSession: verb('released', 'gone', (storage, accountId, step) =>
    storage.releaseSession(accountId, session, 'nonce_host-1', step),
  ),
  insertWebhookEndpoint: verb('created', null, (storage, accountId, step) =>
    storage.insertWebhookEndpoint(accountId, newEndpoint('new', { accountId }), step),
  ),
  updateWebhookEndpoint: verb('updated', 'gone', (storage, accountId, step) =>
    storage.updateWebhookEndpoint(accountId, 'hook_plain', { active: false }, step),
  ),
  deleteWebhookEndpoint: verb('deleted', 'gone', (storage, accountId, step) =>
    storage.deleteWebhookEndpoint(accountId, 'hook_plain', step),
  ),
}
