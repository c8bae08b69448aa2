import type { Activation } from '../../domain/activation'
import type { AuditEvent } from '../../domain/event'
import type { License } from '../../domain/license'
import type { Session } from '../../domain/session'
import type { ImportOutcome, StoreRecord, StoreRecordOf } from '../records'
import { findEvent, learnEventId } from './event-ids'
import { endpointRecord, eventRecord } from './event-rows'
import { dueInLine } from './outbox'
import {
  accessTokenRecord,
  activationRecord,
  customerRecord,
  licenseRecord,
  productRecord,
  productVersionRecord,
} from './rows'
import { sessionRecord } from './session-rows'
import type { RowInput, Store } from './store'
import { createLookup, type Lookup } from './transfer-lookup'

/** Stores records, and says of each what became of it; inside a step. */
export function importRecords(store: Store, records: readonly StoreRecord[]): readonly ImportOutcome[] {
  const lookup = createLookup(store, records)
  return records.map((record) => importRecord(store, lookup, record))
}

/** What stands against a record is asked in one order for all kinds: `orphan`, `existing`, `conflict`. */
function importRecord(store: Store, lookup: Lookup, { kind, value }: StoreRecord): ImportOutcome {
  switch (kind) {
    case 'signing-key':
      return outcomeOf(store.insertIfNew('signing_keys', { kid: value.kid, recorded_at: value.recordedAt }))
    case 'account': {
      const { id, name, plan, createdAt } = value
      return outcomeOf(store.insertIfNew('accounts', { id, name, plan, created_at: createdAt }))
    }
    case 'access-token': {
      const seq = lookup.accountSeq(value.accountId)
      return seq === undefined ? 'orphan' : insertById(store, 'access_tokens', accessTokenRecord(seq, value))
    }
    case 'product': {
      const seq = lookup.accountSeq(value.accountId)
      if (seq === undefined) return 'orphan'
      // Asked first: even an insert that comes to nothing would raise what the next package id is.
      if (lookup.product(value.id) !== undefined) return 'existing'
      // The number of its row is its package id.
      return insertById(store, 'products', { seq: value.packageId, account_seq: seq, ...productRecord(value) })
    }
    case 'product-version': {
      const product = lookup.product(value.productId)
      if (product === undefined) return 'orphan'
      return insertById(store, 'product_versions', { product_seq: product.seq, ...productVersionRecord(value) })
    }
    case 'customer': {
      const seq = lookup.accountSeq(value.accountId)
      if (seq === undefined) return 'orphan'
      return insertById(store, 'customers', { account_seq: seq, ...customerRecord(value) })
    }
    case 'license':
      return importLicense(store, lookup, value)
    case 'activation':
      return importActivation(store, lookup, value)
    case 'session':
      return importSession(store, lookup, value)
    case 'revocation':
      return importRevocation(store, lookup, value)
    case 'revocation-version': {
      const raise = store.sql('UPDATE revocation_count SET version = ? WHERE version < ?')
      return raise.run(value.version, value.version).changes === 1 ? 'stored' : 'existing'
    }
    case 'webhook-endpoint': {
      const seq = lookup.accountSeq(value.accountId)
      if (seq === undefined) return 'orphan'
      return insertById(store, 'webhook_endpoints', { account_seq: seq, ...endpointRecord(value) })
    }
    case 'event':
      return importEvent(store, lookup, value)
    case 'delivery':
      return importDelivery(store, lookup, value)
  }
}

/** Of a table in which nothing but the id is unique. */
function outcomeOf(seq: number | undefined): ImportOutcome {
  return seq === undefined ? 'existing' : 'stored'
}

/** Inserts first and asks after: what is imported is mostly new. */
function insertById(store: Store, table: string, row: RowInput & { readonly id: string }): ImportOutcome {
  return store.insertIfNew(table, row) === undefined ? refusal(store, table, row.id) : 'stored'
}

function refusal(store: Store, table: string, id: string): ImportOutcome {
  return store.sql(`SELECT 1 FROM ${table} WHERE id = ?`).get(id) === undefined ? 'conflict' : 'existing'
}

function importLicense(store: Store, lookup: Lookup, license: License): ImportOutcome {
  const { accountId, customerId, createdAt } = license
  const accountSeq = lookup.accountSeq(accountId)
  const isOfAccount = (productId: string) => lookup.product(productId)?.account_seq === accountSeq
  if (accountSeq === undefined || !license.productIds.every(isOfAccount)) return 'orphan'
  const customer = customerId === null ? null : lookup.customer(customerId)
  if (customer !== null && customer?.account_seq !== accountSeq) return 'orphan'

  const record = { account_seq: accountSeq, activation_count: 0, ...licenseRecord(license, customer?.seq ?? null) }
  const seq = store.insertIfNew('licenses', record)
  if (seq === undefined) return refusal(store, 'licenses', license.id)
  for (const productId of new Set(license.productIds)) {
    const listing = { account_seq: accountSeq, product_id: productId, created_at: createdAt, license_seq: seq }
    store.insert('license_products', listing)
  }
  return 'stored'
}

function importActivation(store: Store, lookup: Lookup, activation: Activation): ImportOutcome {
  const licenseSeq = lookup.licenseSeq(activation.licenseId)
  if (licenseSeq === undefined) return 'orphan'
  if (store.insertIfNew('activations', activationRecord(licenseSeq, activation)) === undefined) {
    const text = 'SELECT id FROM activations WHERE license_seq = ? AND host_id = ?'
    const held = store.sql<{ id: string }>(text).one(licenseSeq, activation.hostId)
    return held.id === activation.id ? 'existing' : 'conflict'
  }
  store.sql('UPDATE licenses SET activation_count = activation_count + 1 WHERE seq = ?').run(licenseSeq)
  return 'stored'
}

function importSession(store: Store, lookup: Lookup, session: Session): ImportOutcome {
  const licenseSeq = lookup.licenseSeq(session.licenseId)
  if (licenseSeq === undefined) return 'orphan'
  if (store.insertIfNew('sessions', sessionRecord(licenseSeq, session)) !== undefined) return 'stored'
  const same = store.sql('SELECT 1 FROM sessions WHERE license_seq = ? AND id = ?').get(licenseSeq, session.id)
  return same === undefined ? 'conflict' : 'existing'
}

/** An entry made here like any other: whoever holds the list as it was must see that it has changed. */
function importRevocation(
  store: Store,
  lookup: Lookup,
  { tokenId, tokensEndAt }: StoreRecordOf<'revocation'>['value'],
): ImportOutcome {
  if (lookup.revoked().has(tokenId)) return 'existing'
  lookup.revoked().add(tokenId)
  store.insert('revocations', { tokens_end_at: tokensEndAt, token_id: tokenId })
  store.sql('UPDATE revocation_count SET version = version + 1').run()
  return 'stored'
}

function importEvent(store: Store, lookup: Lookup, { accountId, licenseId, ...event }: AuditEvent): ImportOutcome {
  const accountSeq = lookup.accountSeq(accountId)
  if (accountSeq === undefined) return 'orphan'
  if (findEvent(store, event.id) !== undefined) return 'existing'
  learnEventId(store, store.insert('events', eventRecord(accountSeq, event, licenseId)), event.id)
  return 'stored'
}

function importDelivery(store: Store, lookup: Lookup, delivery: StoreRecordOf<'delivery'>['value']): ImportOutcome {
  const accountSeq = lookup.accountSeq(delivery.accountId)
  const endpoint = lookup.endpoint(delivery.endpointId)
  const event = findEvent(store, delivery.eventId)
  if (accountSeq === undefined || endpoint === undefined || event === undefined) return 'orphan'
  if (endpoint.account_seq !== accountSeq || event.account_seq !== accountSeq) return 'orphan'

  const { id, status, nextAttemptAt } = delivery
  const place = { endpoint_seq: endpoint.seq, line: event.license_id ?? id }
  const record = {
    ...place,
    event_seq: event.seq,
    id,
    status,
    attempts: delivery.attempts,
    next_attempt_at: nextAttemptAt,
    last_attempt_at: delivery.lastAttemptAt,
    last_error: delivery.lastError,
    due_at: status === 'pending' ? dueInLine(store, place, nextAttemptAt) : null,
  }
  return outcomeOf(store.insertIfNew('webhook_deliveries', record))
}
