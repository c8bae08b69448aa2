import type { Account, License, NewActivation, Product, Storage } from 'keyslot/storage'

/** When everything happens that a test gives no time of its own. */
export const NOW = new Date('2026-03-01T12:00:00.123Z')
export const ACCOUNT: Account = { id: 'acct_test', name: 'Test', plan: 'pro', createdAt: NOW }
export const TARGET = { canonicalKey: 'KEY-ONE', productId: 'prod_editor' }

export const PRODUCT: Omit<Product, 'accountId' | 'packageId'> = {
  id: TARGET.productId,
  name: 'Editor',
  active: true,
  offlineLifetimeSeconds: 1_209_600,
  graceSeconds: 604_800,
  entitlements: [],
  requireProof: false,
  selfService: false,
  trialSeconds: null,
  createdAt: NOW,
}

/** A license for `PRODUCT`; its key is the upper-cased name, after `KEY-`. */
export function newLicense(name: string, changes: Partial<License> = {}): License {
  return {
    id: `lic_${name}`,
    accountId: ACCOUNT.id,
    key: `KEY-${name.toUpperCase()}`,
    canonicalKey: `KEY-${name.toUpperCase()}`,
    productIds: [PRODUCT.id],
    customerId: null,
    type: 'node-locked',
    maxActivations: 10,
    activationCount: 0,
    expiresAt: null,
    soldFor: null,
    activationDuration: null,
    blocked: false,
    metadata: null,
    allowedHosts: null,
    versionId: null,
    resetCount: 0,
    tokenGeneration: 0,
    cleanable: false,
    maxConcurrentSessions: null,
    heartbeatIntervalSeconds: null,
    sessionLeaseSeconds: null,
    createdAt: NOW,
    updatedAt: NOW,
    ...changes,
  }
}

export function newActivation(hostId: string): NewActivation {
  const unknown = { deviceTag: null, address: null, appVersion: null, licensee: null }
  return { id: `act_${hostId}`, hostId, jti: `jti_${hostId}`, ...unknown }
}

/** Stores the account, the product and a license `one`. */
export async function sell(storage: Storage, changes: Partial<License> = {}): Promise<void> {
  await storage.insertAccount(ACCOUNT)
  await storage.insertProduct(ACCOUNT.id, PRODUCT, { now: NOW })
  const sold = await storage.insertLicenses(ACCOUNT.id, { licenses: [newLicense('one', changes)] }, { now: NOW })
  if (sold.kind !== 'created') throw new Error(`the license was not stored: ${sold.kind}`)
}

export function claim(storage: Storage, hostId: string) {
  return storage.claimActivation(ACCOUNT.id, TARGET, newActivation(hostId), { now: NOW })
}

/** The hosts that hold a slot, sorted; throws unless the counter agrees with them. */
export async function hostsOf(storage: Storage): Promise<readonly string[]> {
  const { items } = await storage.listActivations(ACCOUNT.id, 'lic_one', { limit: 1_000_000 })
  const found = await storage.findLicense(ACCOUNT.id, TARGET.canonicalKey)
  const counted = found.kind === 'found' ? found.license.activationCount : found.kind
  if (counted !== items.length) throw new Error(`the counter says ${counted}, there are ${items.length}`)
  return items.map(({ hostId }) => hostId).sort()
}

/** How often each outcome happened. */
export function tally(outcomes: readonly { readonly kind: string }[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { kind } of outcomes) counts[kind] = (counts[kind] ?? 0) + 1
  return counts
}
