import type { RecordBatch, RecordKind, StoreRecord } from '../records'
import { instant } from './columns'
import { type EndpointRow, type EventRow, toEndpoint, toEvent } from './event-rows'
import { LICENSE_COLUMNS } from './license-rows'
import { ENDPOINT_COLUMNS } from './outbox'
import {
  type AccessTokenRow,
  type AccountRow,
  type ActivationRow,
  type CustomerRow,
  type LicenseRow,
  type ProductRow,
  type ProductVersionRow,
  toAccessToken,
  toAccount,
  toActivation,
  toCustomer,
  toLicense,
  toProduct,
  toProductVersion,
} from './rows'
import { type SessionRow, toSession } from './session-rows'
import type { ColumnInput, Store } from './store'

/** How many records there are of each kind; inside a read. */
export function countRecords(store: Store): Readonly<Record<RecordKind, number>> {
  const count = (kind: RecordKind) => store.sql<{ total: number }>(sources[kind].countText).one().total
  return {
    'signing-key': count('signing-key'),
    account: count('account'),
    'access-token': count('access-token'),
    product: count('product'),
    'product-version': count('product-version'),
    customer: count('customer'),
    license: count('license'),
    activation: count('activation'),
    session: count('session'),
    revocation: count('revocation'),
    'revocation-version': count('revocation-version'),
    'webhook-endpoint': count('webhook-endpoint'),
    event: count('event'),
    delivery: count('delivery'),
  }
}

/** A stretch of the records of a kind; inside a read. */
export function readBatch(store: Store, kind: RecordKind, after: string | null, limit: number): RecordBatch {
  return sources[kind].readBatch(store, after, limit)
}

/** Where the records of a kind come from. */
interface Source {
  readonly countText: string
  readBatch(store: Store, after: string | null, limit: number): RecordBatch
}

interface SourceTable<R> {
  readonly columns: string
  readonly from: string
  /** The columns of its primary key, in whose order it is read, and a row's values in them. */
  readonly key: readonly string[]
  readonly keyOf: (row: R) => readonly ColumnInput[]
  readonly direction?: 'ASC' | 'DESC'
  readonly toRecord: (row: R) => StoreRecord
}

/** Reads by the key of the last row before: a stretch costs the same wherever in the table it begins. */
function source<R>({ columns, from, key, keyOf, direction = 'ASC', toRecord }: SourceTable<R>): Source {
  const beyond = `(${key.join()}) ${direction === 'ASC' ? '>' : '<'} (${key.map(() => '?').join()})`
  const end = `ORDER BY ${key.map((column) => `${column} ${direction}`).join()} LIMIT ?`
  const firstText = `SELECT ${columns} FROM ${from} ${end}`
  const laterText = `SELECT ${columns} FROM ${from} WHERE ${beyond} ${end}`
  return {
    countText: `SELECT count(*) AS total FROM ${from}`,
    readBatch(store, after, limit) {
      // One more than asked for tells whether any are left.
      const rows =
        after === null
          ? store.sql<R>(firstText).all(limit + 1)
          : store.sql<R>(laterText).all(...parseKey(after), limit + 1)
      const last = rows.length > limit ? rows[limit - 1] : undefined
      const next = last === undefined ? null : JSON.stringify(keyOf(last))
      return { records: rows.slice(0, limit).map(toRecord), next }
    },
  }
}

function parseKey(after: string): readonly (string | number)[] {
  return JSON.parse(after)
}

interface Numbered {
  readonly seq: number
}

/** A table that is numbered in the order its rows came. */
function numbered<R>(columns: string, from: string, toRecord: (row: R) => StoreRecord): Source {
  return source<R & Numbered>({ columns, from, key: ['seq'], keyOf: ({ seq }) => [seq], toRecord })
}

interface OfAccount {
  readonly account_id: string
}

interface OfLicense {
  readonly license_id: string
}

const OF_ACCOUNT = '(SELECT a.id FROM accounts a WHERE a.seq = t.account_seq) AS account_id, t.*'
const OF_LICENSE = '(SELECT l.id FROM licenses l WHERE l.seq = t.license_seq) AS license_id, t.*'

interface DeliveryRow extends OfAccount {
  readonly id: string
  readonly endpoint_id: string
  readonly event_id: string
  readonly status: 'pending' | 'delivered' | 'dead'
  readonly attempts: number
  readonly next_attempt_at: number
  readonly last_attempt_at: number | null
  readonly last_error: string | null
}

const DELIVERY_COLUMNS = `
  (SELECT a.id FROM webhook_endpoints w JOIN accounts a ON a.seq = w.account_seq WHERE w.seq = t.endpoint_seq) AS account_id,
  (SELECT w.id FROM webhook_endpoints w WHERE w.seq = t.endpoint_seq) AS endpoint_id,
  (SELECT v.id FROM events v WHERE v.seq = t.event_seq) AS event_id,
  t.*`

const sources: Readonly<Record<RecordKind, Source>> = {
  'signing-key': numbered('*', 'signing_keys', ({ kid, recorded_at }: { kid: string; recorded_at: number }) => {
    return { kind: 'signing-key', value: { kid, recordedAt: new Date(recorded_at) } }
  }),
  account: numbered('*', 'accounts', (row: AccountRow) => ({ kind: 'account', value: toAccount(row) })),
  'access-token': numbered(OF_ACCOUNT, 'access_tokens t', (row: AccessTokenRow) => {
    return { kind: 'access-token', value: toAccessToken(row) }
  }),
  product: numbered(OF_ACCOUNT, 'products t', (row: ProductRow) => ({ kind: 'product', value: toProduct(row) })),
  'product-version': numbered(
    '(SELECT p.id FROM products p WHERE p.seq = t.product_seq) AS product_id, t.*',
    'product_versions t',
    (row: ProductVersionRow) => ({ kind: 'product-version', value: toProductVersion(row) }),
  ),
  customer: numbered(OF_ACCOUNT, 'customers t', (row: CustomerRow) => ({ kind: 'customer', value: toCustomer(row) })),
  license: numbered(LICENSE_COLUMNS, 'licenses l', (row: LicenseRow) => ({ kind: 'license', value: toLicense(row) })),
  activation: source({
    columns: OF_LICENSE,
    from: 'activations t',
    key: ['license_seq', 'host_id'],
    keyOf: ({ license_seq, host_id }) => [license_seq, host_id],
    toRecord: (row: ActivationRow & OfLicense & { readonly license_seq: number }) => {
      return { kind: 'activation', value: toActivation(row, row.license_id) }
    },
  }),
  session: numbered(OF_LICENSE, 'sessions t', (row: SessionRow & OfLicense) => {
    return { kind: 'session', value: toSession(row, row.license_id) }
  }),
  revocation: source({
    columns: '*',
    from: 'revocations',
    key: ['tokens_end_at', 'token_id'],
    keyOf: ({ tokens_end_at, token_id }) => [tokens_end_at, token_id],
    // Should a token be there with two ends, the first to be imported is the one that is kept: the later.
    direction: 'DESC',
    toRecord: ({ tokens_end_at, token_id }: { readonly tokens_end_at: number; readonly token_id: string }) => {
      return { kind: 'revocation', value: { tokenId: token_id, tokensEndAt: new Date(tokens_end_at) } }
    },
  }),
  'revocation-version': numbered('rowid AS seq, version', 'revocation_count', ({ version }: { version: number }) => {
    return { kind: 'revocation-version', value: { version } }
  }),
  'webhook-endpoint': numbered(ENDPOINT_COLUMNS, 'webhook_endpoints w', (row: EndpointRow) => {
    return { kind: 'webhook-endpoint', value: toEndpoint(row) }
  }),
  event: numbered(OF_ACCOUNT, 'events t', (row: EventRow & OfAccount) => {
    return { kind: 'event', value: toEvent(row, row.account_id) }
  }),
  delivery: numbered(DELIVERY_COLUMNS, 'webhook_deliveries t', (row: DeliveryRow) => {
    return {
      kind: 'delivery',
      value: {
        id: row.id,
        accountId: row.account_id,
        endpointId: row.endpoint_id,
        eventId: row.event_id,
        status: row.status,
        attempts: row.attempts,
        nextAttemptAt: new Date(row.next_attempt_at),
        lastAttemptAt: instant(row.last_attempt_at),
        lastError: row.last_error,
      },
    }
  }),
}
