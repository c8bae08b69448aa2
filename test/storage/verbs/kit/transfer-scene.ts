import assert from 'node:assert/strict'
import type { Activation } from '../../../../src/domain/activation'
import type { Revocation } from '../../../../src/domain/decision'
import type { AuditEvent } from '../../../../src/domain/event'
import type { Product } from '../../../../src/domain/product'
import type { Session } from '../../../../src/domain/session'
import { revocationId } from '../../../../src/protocol/revocation-list'
import {
  type ImportOutcome,
  RECORD_KINDS,
  type RecordKind,
  type StoreRecord,
  type StoreRecordOf,
} from '../../../../src/storage/records'
import type { Store } from '../../../../src/storage/verbs/store'
import {
  ACCOUNT,
  after,
  HOUR_MS,
  NOW,
  newAccessToken,
  newActivation,
  newAuthtoolClient,
  newCustomer,
  newEndpoint,
  newEvent,
  newLicense,
  newProduct,
  newProofKey,
  newSession,
  newVersion,
  OTHER_ACCOUNT,
} from './entities'

/** All records of a kind, so many at a time. */
export async function exportKind(storage: Store, kind: RecordKind, limit = 1_000): Promise<StoreRecord[]> {
  const records: StoreRecord[] = []
  let next: string | null = null
  do {
    const batch = await storage.exportRecords(kind, next, limit)
    // An empty last stretch would be one that `next` should not have promised.
    assert.ok(batch.records.length > 0 || next === null, `${kind}: a stretch holds something`)
    assert.ok(batch.records.length <= limit, `${kind}: a stretch holds no more than was asked for`)
    assert.ok(batch.next !== next || next === null, `${kind}: a stretch leads on`)
    records.push(...batch.records)
    next = batch.next
  } while (next !== null)
  return records
}

/** All records, parents first. */
export async function exportAll(storage: Store, limit?: number): Promise<StoreRecord[]> {
  const records: StoreRecord[] = []
  for (const kind of RECORD_KINDS) records.push(...(await exportKind(storage, kind, limit)))
  return records
}

/** Stores records that nothing stands against. */
export async function importAll(storage: Store, records: readonly StoreRecord[]): Promise<void> {
  const outcomes = await storage.importRecords(records)
  const refused = records.flatMap((record, index) => (outcomes[index] === 'stored' ? [] : [record]))
  assert.deepEqual(refused, [])
  assert.equal(outcomes.length, records.length)
}

/** What becomes of one record. */
export async function importOne(storage: Store, record: StoreRecord): Promise<ImportOutcome | undefined> {
  const outcomes = await storage.importRecords([record])
  assert.equal(outcomes.length, 1)
  return outcomes[0]
}

/** Records in an order of ours: that of revocations, or of the activations of two licenses, is not told. */
export function sorted(records: readonly StoreRecord[]): readonly StoreRecord[] {
  return records.toSorted((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1))
}

function nameOf({ kind, value }: StoreRecord): string {
  if ('id' in value) return `${kind} ${value.id}`
  if ('kid' in value) return `${kind} ${value.kid}`
  return 'tokenId' in value ? `${kind} ${value.tokenId}` : kind
}

// ── Records ────────────────────────────────────────────────────────────────────────────────────────────────────

export function productRecord(name: string, packageId: number, changes: Partial<Product> = {}) {
  const value = { ...newProduct(name), accountId: ACCOUNT.id, packageId, ...changes }
  return { kind: 'product', value } satisfies StoreRecord
}

export function licenseRecord(name: string, changes: Parameters<typeof newLicense>[1] = {}) {
  return { kind: 'license', value: newLicense(name, changes) } satisfies StoreRecord
}

export function activationRecord(hostId: string, changes: Partial<Activation> = {}) {
  const instants = { tokensEndAt: after(48 * HOUR_MS), activatedAt: NOW, lastSeenAt: NOW, expiresAt: null }
  const keyless = { keys: [], keylessEndAt: instants.tokensEndAt }
  const kept = { stampFloor: 0, surrenderedAt: null, releaseAt: null, sharing: null, authtoolProductId: null }
  const value: Activation = {
    ...newActivation(hostId),
    licenseId: 'lic_one',
    ...instants,
    ...keyless,
    ...kept,
    ...changes,
  }
  return { kind: 'activation', value } satisfies StoreRecord
}

/** An entry for a whole license. */
export function revocationRecord(name: string, changes: Partial<Revocation> = {}) {
  const id = revocationId(`lic_${name}`)
  const said = { productId: 'prod_editor', hostId: '', rank: 0, stamp: 7, endsAt: after(HOUR_MS) }
  return { kind: 'revocation', value: { id, licenseId: `lic_${name}`, ...said, ...changes } } satisfies StoreRecord
}

export function sessionRecord(hostId: string, changes: Partial<Session> = {}) {
  const instants = { startedAt: NOW, renewedAt: NOW, expiresAt: after(HOUR_MS) }
  const value: Session = { ...newSession(hostId), licenseId: 'lic_float', ...instants, ...changes }
  return { kind: 'session', value } satisfies StoreRecord
}

export function eventRecord(name: string, changes: Partial<AuditEvent> = {}) {
  const value: AuditEvent = { ...newEvent(name), accountId: ACCOUNT.id, licenseId: null, ...changes }
  return { kind: 'event', value } satisfies StoreRecord
}

/** Of the event of that name, to the endpoint `plain`. */
export function deliveryRecord(event: string, changes: Partial<StoreRecordOf<'delivery'>['value']> = {}) {
  const value: StoreRecordOf<'delivery'>['value'] = {
    id: `evt_${event}.hook_plain`,
    accountId: ACCOUNT.id,
    endpointId: 'hook_plain',
    eventId: `evt_${event}`,
    status: 'pending',
    attempts: 0,
    nextAttemptAt: NOW,
    lastAttemptAt: null,
    lastError: null,
    ...changes,
  }
  return { kind: 'delivery', value } satisfies StoreRecord
}

/** Accounts and the product `editor`, the first things all others need. */
export const GROUND: readonly StoreRecord[] = [
  { kind: 'account', value: ACCOUNT },
  { kind: 'account', value: OTHER_ACCOUNT },
  productRecord('editor', 7),
]

export const FAR = new Date('+012345-06-07T08:09:10.011Z')
const EARLY = new Date('1969-12-31T23:59:59.999Z')
/** What has to come back as it is. */
export const TEXT = ' outer \t"quoted" \u00e9 e\u0301 👩🏽‍🚀 __proto__ %_\\0'

/** Every kind, parents first: one record with every optional value, one without any, of instants near and far. */
export const EVERY_KIND: readonly StoreRecord[] = [
  { kind: 'signing-key', value: { kid: 'kid-2', recordedAt: EARLY } },
  { kind: 'signing-key', value: { kid: 'kid-1', recordedAt: NOW } },
  ...GROUND,
  productRecord('theirs', 3, {
    accountId: OTHER_ACCOUNT.id,
    active: false,
    entitlements: [],
    name: TEXT,
    requireProof: true,
    selfService: false,
    onClone: 'event',
    trialSeconds: null,
    usersPerHost: 32,
    authtoolClient: newAuthtoolClient('theirs', { updateNote: TEXT, isNeedKey: false }),
  }),
  {
    kind: 'access-token',
    value: newAccessToken('full', {
      name: TEXT,
      kind: 'publishable',
      scopes: ['licenses:activate'],
      productIds: ['prod_editor'],
      allowedAddresses: ['203.0.113.0/24', '::1'],
      expiresAt: FAR,
      revokedAt: after(1),
      lastUsedAt: EARLY,
      refusedAt: FAR,
      wire: '2026-09',
      headerKeyAt: EARLY,
      queryKeyAt: FAR,
      createdAt: EARLY,
    }),
  },
  { kind: 'access-token', value: newAccessToken('bare', { accountId: OTHER_ACCOUNT.id }) },
  { kind: 'product-version', value: newVersion('2.0', { description: TEXT, active: false, createdAt: FAR }) },
  { kind: 'product-version', value: newVersion('1.0', { productId: 'prod_theirs' }) },
  {
    kind: 'customer',
    value: newCustomer('full', { name: TEXT, email: 'Full@Example.com', active: false, createdBy: 'tok_full' }),
  },
  { kind: 'customer', value: newCustomer('bare', { email: null, createdAt: EARLY, updatedAt: FAR }) },
  licenseRecord('one', {
    productIds: ['prod_editor', 'prod_editor'],
    customerId: 'cus_full',
    maxActivations: 2,
    expiresAt: FAR,
    soldFor: { unit: 'month', amount: 6 },
    activationDuration: { unit: 'day', amount: 30 },
    blocked: true,
    metadata: { order: [1, { two: null }], [TEXT]: TEXT },
    allowedHosts: ['host-1', TEXT],
    usersPerHost: 1,
    versionId: 'ver_2.0',
    externalId: TEXT,
    resetCount: 4,
    stampFloor: 12_000,
    revokedStamp: 11_000,
    unlistedTokensEndAt: FAR,
    cleanable: true,
    createdAt: EARLY,
    updatedAt: FAR,
    key: TEXT,
    activationCount: 1,
  }),
  licenseRecord('bare', { accountId: OTHER_ACCOUNT.id, productIds: ['prod_theirs'], maxActivations: null }),
  licenseRecord('float', {
    type: 'floating',
    maxConcurrentSessions: 5,
    heartbeatIntervalSeconds: 60,
    sessionLeaseSeconds: 120,
    allowedHosts: [],
    activationCount: 1,
  }),
  activationRecord('host-1', {
    deviceTag: TEXT,
    address: '203.0.113.7',
    appVersion: TEXT,
    licensee: { name: TEXT, email: null },
    expiresAt: FAR,
    activatedAt: EARLY,
    // In the order of binding, which is not that of their names.
    keys: [
      {
        thumbprint: newProofKey('second'),
        boundAt: EARLY,
        usedAt: FAR,
        tokensEndAt: FAR,
        until: null,
        leftAt: null,
        droppedAt: null,
        recovery: newProofKey('recovery'),
        former: [newProofKey('lost')],
      },
      {
        thumbprint: newProofKey('first'),
        boundAt: NOW,
        usedAt: NOW,
        tokensEndAt: EARLY,
        until: FAR,
        leftAt: null,
        droppedAt: null,
        recovery: null,
        former: [],
        renewals: { count: 7, previous: 5, at: EARLY, ended: 4, clonedAt: FAR },
      },
    ],
    keylessEndAt: EARLY,
    stampFloor: 11_500,
    surrenderedAt: FAR,
    releaseAt: FAR,
    sharing: { day: 20_514, key: 'first-ke', network: '4c0de', days: [20_500, 20_514] },
    authtoolProductId: 'prod_theirs',
  }),
  activationRecord(TEXT, { id: 'act_text', licenseId: 'lic_float' }),
  sessionRecord('host-1', {
    proofKey: newProofKey('host-1'),
    deviceTag: TEXT,
    address: TEXT,
    userIdentifier: TEXT,
    expiresAt: FAR,
  }),
  sessionRecord('host-2', { expiresAt: EARLY, secret: TEXT, nonce: TEXT }),
  { kind: 'stamp-ceiling', value: { ceiling: 12_345 } },
  revocationRecord('one', { stamp: 11_000, endsAt: FAR }),
  revocationRecord('gone', { productId: 'prod_theirs', rank: 1, endsAt: EARLY }),
  {
    kind: 'webhook-endpoint',
    value: newEndpoint('plain', {
      url: `https://example.com/${TEXT}`,
      eventTypes: ['license.created', 'session.ended'],
      secrets: [
        { secret: TEXT, createdAt: FAR, expiresAt: null },
        { secret: 'old', createdAt: EARLY, expiresAt: FAR },
      ],
      active: false,
    }),
  },
  {
    kind: 'webhook-endpoint',
    value: newEndpoint('theirs', { accountId: OTHER_ACCOUNT.id, envelope: 'keymint', createdAt: EARLY }),
  },
  eventRecord('b', { licenseId: 'lic_one', data: { at: FAR, list: [TEXT, null], when: TEXT }, at: EARLY }),
  eventRecord('a', { actor: { id: 'api', address: null }, data: {}, type: 'access-token.revoked' }),
  eventRecord('theirs', { accountId: OTHER_ACCOUNT.id, licenseId: 'lic_long_deleted' }),
  deliveryRecord('b', { status: 'dead', attempts: 9, nextAttemptAt: FAR, lastAttemptAt: EARLY, lastError: TEXT }),
  deliveryRecord('a'),
  deliveryRecord('theirs', {
    accountId: OTHER_ACCOUNT.id,
    endpointId: 'hook_theirs',
    status: 'delivered',
    attempts: 1,
    lastAttemptAt: NOW,
  }),
]
