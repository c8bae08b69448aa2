import { createHash } from 'node:crypto'
import type { AccessToken } from '../../../../src/domain/access-token'
import type { Account } from '../../../../src/domain/account'
import type { NewActivation } from '../../../../src/domain/activation'
import type { AuthtoolClient } from '../../../../src/domain/authtool-client'
import type { Customer } from '../../../../src/domain/customer'
import type { Release } from '../../../../src/domain/decide-release'
import type { PlannedEvent } from '../../../../src/domain/event'
import { type License, PLAIN_LICENSE } from '../../../../src/domain/license'
import type { Product } from '../../../../src/domain/product'
import type { ProductVersion } from '../../../../src/domain/product-version'
import { DEFAULT_SESSION_LEASE_SECONDS, type NewSession } from '../../../../src/domain/session'
import type { SlotRequest } from '../../../../src/domain/slot-request'
import { RESERVED_AHEAD_MS } from '../../../../src/domain/stamp'
import type { WebhookEndpoint } from '../../../../src/domain/webhook'
import type {
  ActivationTarget,
  ClaimOutcome,
  ClaimSessionOutcome,
  Idempotency,
  ReleaseOutcome,
  StepResult,
  Store,
} from '../../../../src/storage/verbs/store'
import { outcomeOf } from './outcomes'

/** When everything happens that a test gives no time of its own. */
export const NOW = new Date('2026-03-01T12:00:00.123Z')
export const HOUR_MS = 3_600_000
/** The ceiling of stamps once the first token was given out at `NOW`. */
export const CEILING = NOW.getTime() + RESERVED_AHEAD_MS
/** The lease of a license that names none. */
export const LEASE_MS = DEFAULT_SESSION_LEASE_SECONDS * 1_000

export function after(milliseconds: number): Date {
  return new Date(NOW.getTime() + milliseconds)
}

/** Room for everything a test makes. */
export const ALL = { limit: 1_000 }

export const ACCOUNT: Account = { id: 'acct_first', name: 'First', plan: 'pro', createdAt: NOW }
export const OTHER_ACCOUNT: Account = { id: 'acct_other', name: 'Other', plan: 'free', createdAt: NOW }

/** A product that asks apps for no key; what else it can allow, it allows, so that losing that shows. */
export function newProduct(name: string, changes: Partial<Product> = {}): Omit<Product, 'packageId' | 'accountId'> {
  return {
    id: `prod_${name}`,
    name,
    active: true,
    offlineLifetimeSeconds: 1_209_600,
    graceSeconds: 604_800,
    entitlements: ['export', 'sync'],
    requireProof: false,
    selfService: true,
    onClone: 'reactivate',
    trialSeconds: 1_209_600,
    usersPerHost: null,
    authtoolClient: null,
    createdAt: NOW,
    ...changes,
  }
}

/** What serves apps made for AuthTool, with a token of this name. */
export function newAuthtoolClient(token: string, changes: Partial<AuthtoolClient> = {}): AuthtoolClient {
  return {
    tokenHash: createHash('sha256').update(token).digest('hex'),
    sealedKey: 'kid.sealed',
    mode: 'ecb',
    status: 'maintenance',
    version: '2.0',
    updateNote: 'note',
    downloadUpdateLink: 'https://example.com/download',
    contactUrl: 'https://example.com/help',
    isNeedKey: true,
    ...changes,
  }
}

export function newCustomer(name: string, changes: Partial<Customer> = {}): Customer {
  return {
    id: `cus_${name}`,
    accountId: ACCOUNT.id,
    name,
    email: `${name}@example.com`,
    active: true,
    createdBy: 'api',
    createdAt: NOW,
    updatedAt: NOW,
    ...changes,
  }
}

/** A license for the product `newProduct('editor')`, with three slots. */
export function newLicense(name: string, changes: Partial<License> = {}): License {
  return {
    id: `lic_${name}`,
    accountId: ACCOUNT.id,
    key: `key-${name}`,
    canonicalKey: `KEY-${name.toUpperCase()}`,
    productIds: ['prod_editor'],
    ...PLAIN_LICENSE,
    maxActivations: 3,
    createdAt: NOW,
    updatedAt: NOW,
    ...changes,
  }
}

export function newAccessToken(name: string, changes: Partial<AccessToken> = {}): AccessToken {
  return {
    id: `tok_${name}`,
    accountId: ACCOUNT.id,
    name,
    kind: 'secret',
    hash: Buffer.from(name).toString('hex').padEnd(64, '0'),
    scopes: ['licenses:read', 'licenses:write'],
    productIds: null,
    allowedAddresses: null,
    wire: null,
    expiresAt: null,
    revokedAt: null,
    lastUsedAt: null,
    refusedAt: null,
    headerKeyAt: null,
    queryKeyAt: null,
    createdAt: NOW,
    ...changes,
  }
}

export function newActivation(hostId: string, changes: Partial<NewActivation> = {}): NewActivation {
  return {
    id: `act_${hostId}`,
    hostId,
    deviceTag: null,
    address: null,
    appVersion: null,
    licensee: null,
    jti: `jti_${hostId}`,
    ...changes,
  }
}

/** What names a key: as long as the thumbprint of one. */
export function newProofKey(name: string): string {
  return Buffer.from(name).toString('base64url').padEnd(43, '_')
}

/** A version of the product `newProduct('editor')`. */
export function newVersion(name: string, changes: Partial<ProductVersion> = {}): ProductVersion {
  return {
    id: `ver_${name}`,
    productId: 'prod_editor',
    version: name,
    description: null,
    active: true,
    createdAt: NOW,
    ...changes,
  }
}

export function newSession(hostId: string, changes: Partial<NewSession> = {}): NewSession {
  return {
    id: `ses_${hostId}`,
    hostId,
    userIdentifier: '',
    deviceTag: null,
    address: null,
    proofKey: null,
    secret: `secret_${hostId}`,
    nonce: `nonce_${hostId}`,
    ...changes,
  }
}

export function newEndpoint(name: string, changes: Partial<WebhookEndpoint> = {}): WebhookEndpoint {
  return {
    id: `hook_${name}`,
    accountId: ACCOUNT.id,
    url: `https://${name}.example.com/hooks`,
    eventTypes: null,
    envelope: 'keyslot',
    secrets: [{ secret: `whsec_${name}`, createdAt: NOW, expiresAt: null }],
    active: true,
    createdAt: NOW,
    failingSince: null,
    disabledReason: null,
    ...changes,
  }
}

export function newEvent(name: string, changes: Partial<PlannedEvent> = {}): PlannedEvent {
  const actor = { id: 'tok_actor', address: '203.0.113.9' }
  return { id: `evt_${name}`, type: 'license.updated', at: NOW, actor, data: { name }, ...changes }
}

export function newIdempotency(key: string, changes: Partial<Idempotency> = {}): Idempotency {
  return { scope: 'tok_actor POST /key', key, payloadHash: 'hash-1', expiresAt: after(24 * HOUR_MS), ...changes }
}

/** A product and a license sold for it, stored. */
export interface Sale {
  readonly product: Product
  readonly license: License
  readonly target: ActivationTarget
}

/** Stores the product `editor` and a license for it. */
export async function sell(storage: Store, changes: Partial<License> = {}): Promise<Sale> {
  const inserted = await storage.insertProduct(ACCOUNT.id, newProduct('editor'), { now: NOW })
  const { product } = outcomeOf(inserted, 'created')
  return sellMore(storage, product, 'one', changes)
}

/** Stores one more license for a product. */
export async function sellMore(
  storage: Store,
  product: Product,
  name: string,
  changes: Partial<License> = {},
): Promise<Sale> {
  const license = newLicense(name, changes)
  outcomeOf(await storage.insertLicenses(ACCOUNT.id, { licenses: [license] }, { now: NOW }), 'created')
  return { product, license, target: { canonicalKey: license.canonicalKey, productId: product.id } }
}

/** Stores the product `editor` and a floating license for it, with three seats. */
export function sellFloating(storage: Store, changes: Partial<License> = {}): Promise<Sale> {
  return sell(storage, { type: 'floating', maxActivations: null, maxConcurrentSessions: 3, ...changes })
}

/** Claims a slot of a sold license; for a host by its name, or whatever is asked. */
export function claim(storage: Store, sale: Sale, asked: string | SlotRequest, now = NOW): StepResult<ClaimOutcome> {
  const activation = typeof asked === 'string' ? newActivation(asked) : asked
  return storage.claimActivation(ACCOUNT.id, sale.target, activation, { now })
}

/** Claims a slot of a sold license for a host that went by other ids before. */
export function claimAs(
  storage: Store,
  sale: Sale,
  hostId: string,
  previousHostIds: readonly string[],
  now = NOW,
): StepResult<ClaimOutcome> {
  return claim(storage, sale, newActivation(hostId, { previousHostIds }), now)
}

/** Releases a host's slot of a sold license. */
export function release(
  storage: Store,
  sale: Sale,
  hostId: string,
  how: Release = {},
  now = NOW,
): StepResult<ReleaseOutcome> {
  return storage.releaseActivation(ACCOUNT.id, { ...sale.target, hostId, ...how }, { now })
}

/** Takes a seat of a sold floating license; a host's name, or a session of its own. */
export function checkout(
  storage: Store,
  sale: Sale,
  session: string | NewSession,
  now = NOW,
): StepResult<ClaimSessionOutcome> {
  const asked = typeof session === 'string' ? newSession(session) : session
  return storage.claimSession(ACCOUNT.id, sale.target, asked, { now })
}
