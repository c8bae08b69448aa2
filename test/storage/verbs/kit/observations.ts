import assert from 'node:assert/strict'
import type { Customer } from '../../../../src/domain/customer'
import type { Revocation } from '../../../../src/domain/decision'
import type { License } from '../../../../src/domain/license'
import type { Session } from '../../../../src/domain/session'
import { type RevocationSubject, revocationId } from '../../../../src/protocol/revocation-list'
import type { Store } from '../../../../src/storage/verbs/store'
import { ACCOUNT, ALL, NOW, OTHER_ACCOUNT, type Sale } from './entities'
import { outcomeOf } from './outcomes'

/** A license of `ACCOUNT` as it is stored. */
export async function storedLicense(storage: Store, { target }: Sale): Promise<License> {
  return outcomeOf(await storage.findLicense(ACCOUNT.id, target.canonicalKey), 'found').license
}

export async function storedCustomer(storage: Store, customerId: string): Promise<Customer> {
  const customer = await storage.findCustomer(ACCOUNT.id, customerId)
  assert.ok(customer, `customer ${customerId} is stored`)
  return customer
}

/** Counter and rows of a license must agree; returns how many slots are taken. */
export async function takenSlots(storage: Store, sale: Sale): Promise<number> {
  const { activationCount } = await storedLicense(storage, sale)
  const { items, total } = await storage.listActivations(ACCOUNT.id, sale.license.id, ALL)
  assert.equal(total, items.length, 'the total counts the activations')
  assert.equal(new Set(items.map(({ hostId }) => hostId)).size, items.length, 'no host holds two slots')
  assert.equal(activationCount, items.length, 'the counter is the number of activations')
  return activationCount
}

/** Everything that can be read of a store: equal before and after whatever must change nothing. */
export async function everythingIn(storage: Store): Promise<unknown> {
  return {
    signingKeyIds: await storage.listSigningKeyIds(),
    revocations: await revoked(storage),
    first: await everythingOf(storage, ACCOUNT.id),
    other: await everythingOf(storage, OTHER_ACCOUNT.id),
  }
}

/** The live sessions of a license of `ACCOUNT`, oldest first. */
export async function liveSessions(storage: Store, { license }: Sale, now = NOW): Promise<readonly Session[]> {
  const { items, total } = await storage.listSessions(ACCOUNT.id, license.id, now, ALL)
  assert.equal(total, items.length, 'the total counts the sessions')
  const seats = items.map(({ hostId, userIdentifier }) => JSON.stringify([hostId, userIdentifier]))
  assert.equal(new Set(seats).size, items.length, 'no seat is held twice')
  return items
}

/** What is revoked of all products, in an order of ours: the list has none. */
export async function revoked(storage: Store, now = NOW): Promise<readonly Revocation[]> {
  const entries = (await storage.listRevocations(now, null)) ?? []
  return entries.toSorted((a, b) => (a.id < b.id ? -1 : 1))
}

/** The ids of what is revoked. */
export async function revokedIds(storage: Store, now = NOW): Promise<readonly string[]> {
  return (await revoked(storage, now)).map(({ id }) => id)
}

/** The ids of entries: each of a license and, if it is about one, a host and a key of it. */
export function idsOf(...subjects: readonly RevocationSubject[]): readonly string[] {
  return subjects.map((subject) => revocationId(...subject)).toSorted()
}

export async function everythingOf(storage: Store, accountId: string): Promise<unknown> {
  const products = await storage.listProducts(accountId, ALL)
  const packageIds = products.items.map(({ packageId }) => packageId)
  const licenses = await storage.listLicenses(accountId, {}, ALL)
  const keys = licenses.items.map(({ canonicalKey }) => storage.findLicense(accountId, canonicalKey))
  const activations = licenses.items.map(({ id }) => storage.listActivations(accountId, id, ALL))
  const versions = products.items.map(({ id }) => storage.listProductVersions(accountId, id, ALL))
  return {
    account: await storage.findAccount(accountId),
    accessTokens: await storage.listAccessTokens(accountId, ALL),
    products,
    productsByPackageId: await storage.findProductsByPackageIds(accountId, packageIds),
    customers: await storage.listCustomers(accountId, {}, ALL),
    licenses,
    licensesByKey: await Promise.all(keys),
    activations: await Promise.all(activations),
    productVersions: await Promise.all(versions),
    sessions: await Promise.all(licenses.items.map(({ id }) => storage.listSessions(accountId, id, NOW, ALL))),
    events: await storage.listEvents(accountId, {}, ALL),
    webhookEndpoints: await storage.listWebhookEndpoints(accountId, ALL),
    deliveries: await storage.listDeliveries(accountId, {}, ALL),
  }
}
