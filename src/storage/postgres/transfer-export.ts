import type { RecordBatch, RecordKind, StoreRecord } from '../records'
import type { Row } from './columns'
import {
  accessTokenColumns,
  accountColumns,
  deliveryColumns,
  endpointColumns,
  productColumns,
  productVersionColumns,
  toActivation,
  toCustomer,
  toEvent,
  toLicense,
  toSession,
} from './rows'
import type { Parameter, Store } from './store'

/** How the records of one kind are read: stretch by stretch along an index, so that the last costs what the first did. */
interface Source {
  readonly columns?: string
  readonly from: string
  /** What they are in the order of; where the next stretch begins. */
  readonly orderBy: readonly string[]
  readonly toRecord: (row: Row) => StoreRecord
}

const VERSION = '(SELECT count FROM @dropped_revocations) + (SELECT count(*) FROM @revocations)'
const WITH_LICENSE = '*, (SELECT l.id FROM @licenses l WHERE l.seq = license_seq) AS license_id'

const SOURCES: Readonly<Record<RecordKind, Source>> = {
  'signing-key': {
    from: '@signing_keys',
    orderBy: ['seq'],
    toRecord: ({ kid, recorded_at }) => ({
      kind: 'signing-key',
      value: { kid: String(kid), recordedAt: new Date(Number(recorded_at)) },
    }),
  },
  account: {
    from: '@accounts',
    orderBy: ['seq'],
    toRecord: (row) => ({ kind: 'account', value: accountColumns.toEntity(row) }),
  },
  'access-token': {
    from: '@access_tokens',
    orderBy: ['seq'],
    toRecord: (row) => ({ kind: 'access-token', value: accessTokenColumns.toEntity(row) }),
  },
  product: {
    from: '@products',
    orderBy: ['package_id'],
    toRecord: (row) => ({ kind: 'product', value: productColumns.toEntity(row) }),
  },
  'product-version': {
    from: '@product_versions',
    orderBy: ['seq'],
    toRecord: (row) => ({ kind: 'product-version', value: productVersionColumns.toEntity(row) }),
  },
  customer: {
    from: '@customers',
    orderBy: ['seq'],
    toRecord: (row) => ({ kind: 'customer', value: toCustomer(row) }),
  },
  license: {
    from: '@licenses',
    orderBy: ['seq'],
    toRecord: (row) => ({ kind: 'license', value: toLicense(row) }),
  },
  activation: {
    columns: WITH_LICENSE,
    from: '@activations',
    orderBy: ['license_seq', 'host_id'],
    toRecord: (row) => ({ kind: 'activation', value: toActivation(row, String(row.license_id)) }),
  },
  session: {
    columns: WITH_LICENSE,
    from: '@sessions',
    orderBy: ['seq'],
    toRecord: (row) => ({ kind: 'session', value: toSession(row, String(row.license_id)) }),
  },
  revocation: {
    from: '@revocations',
    orderBy: ['tokens_end_at', 'token_id'],
    toRecord: ({ token_id, tokens_end_at }) => ({
      kind: 'revocation',
      value: { tokenId: String(token_id), tokensEndAt: new Date(Number(tokens_end_at)) },
    }),
  },
  'revocation-version': {
    columns: `${VERSION} AS version, 1 AS place`,
    from: '(SELECT 1 AS place) o',
    orderBy: ['place'],
    toRecord: ({ version }) => ({ kind: 'revocation-version', value: { version: Number(version) } }),
  },
  'webhook-endpoint': {
    from: '@webhook_endpoints',
    orderBy: ['seq'],
    toRecord: (row) => ({ kind: 'webhook-endpoint', value: endpointColumns.toEntity(row) }),
  },
  event: {
    from: '@events',
    orderBy: ['seq'],
    toRecord: (row) => ({ kind: 'event', value: toEvent(row) }),
  },
  delivery: {
    columns: `*, (SELECT v.id FROM @events v WHERE v.seq = event_seq) AS event_id,
      (SELECT v.account_id FROM @events v WHERE v.seq = event_seq) AS account_id`,
    from: '@webhook_deliveries',
    orderBy: ['seq'],
    toRecord: (row) => ({
      kind: 'delivery',
      value: {
        ...deliveryColumns.toEntity(row),
        eventId: String(row.event_id),
        accountId: String(row.account_id),
      },
    }),
  },
}

export async function countRecords(store: Store): Promise<Readonly<Record<RecordKind, number>>> {
  const counts = Object.entries(SOURCES).map(([kind, { from }]) => `(SELECT count(*) FROM ${from}) AS "${kind}"`)
  return (await store.row(`SELECT ${counts.join()}`)) as Readonly<Record<RecordKind, number>>
}

export async function exportRecords(
  store: Store,
  kind: RecordKind,
  after: string | null,
  limit: number,
): Promise<RecordBatch> {
  const { columns = '*', from, orderBy, toRecord } = SOURCES[kind]
  const place = after === null ? [] : (JSON.parse(after) as readonly Parameter[])
  const order = orderBy.join()
  const where = after === null ? '' : `WHERE (${order}) > (${place.map((_, index) => `$${index + 2}`).join()})`
  // One more than is asked for: whether there is a next one.
  const rows = await store.rows(`SELECT ${columns} FROM ${from} ${where} ORDER BY ${order} LIMIT $1`, [
    limit + 1,
    ...place,
  ])
  const stretch = rows.slice(0, limit)
  const last = rows.length > limit ? stretch.at(-1) : undefined
  const next = last === undefined ? null : JSON.stringify(orderBy.map((column) => last[column]))
  return { records: stretch.map(toRecord), next }
}
