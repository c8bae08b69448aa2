import type { RecordKind, StoreRecord } from '../../../../../src/storage/records'
import type { TransferVerbs } from '../../../../../src/storage/verbs/transfer-contract'
import type { Handle } from './handle'
import { byPackageId } from './lists'
import type { Tables } from './tables'
import { importRecord } from './transfer-import'

export function transferVerbs(handle: Handle): TransferVerbs {
  return {
    countRecords: async () => {
      const { tables } = handle
      return {
        'signing-key': tables.signingKeys.size,
        account: tables.accounts.size,
        'access-token': tables.accessTokens.size,
        product: tables.products.size,
        'product-version': tables.productVersions.size,
        customer: tables.customers.size,
        license: tables.licenses.size,
        activation: sizeOf(tables.activations),
        session: sizeOf(tables.sessions),
        revocation: tables.revocations.size,
        'stamp-ceiling': 1,
        'webhook-endpoint': tables.webhookEndpoints.size,
        event: tables.events.length,
        delivery: tables.deliveries.size,
      }
    },

    // A place is how many records come before it, so that one deleted meanwhile moves those after it.
    exportRecords: async (kind, after, limit) => {
      const from = Number(after ?? 0)
      const records: StoreRecord[] = []
      let place = 0
      for (const record of recordsOf[kind](handle.tables)) {
        if (place === from + limit) return { records: structuredClone(records), next: String(place) }
        if (place >= from) records.push(record)
        place += 1
      }
      return { records: structuredClone(records), next: null }
    },

    importRecords: async (records) => {
      const { tables } = handle
      // What cannot be copied throws here, before anything is written.
      return structuredClone(records).map((record) => importRecord(tables, record))
    },
  }
}

/** The records of each kind, in the order lists show them. */
const recordsOf: { readonly [K in RecordKind]: (tables: Tables) => Iterable<StoreRecord> } = {
  'signing-key': ({ signingKeys }) =>
    each(signingKeys, ([kid, recordedAt]) => ({ kind: 'signing-key', value: { kid, recordedAt } })),
  account: ({ accounts }) => each(accounts.values(), (value) => ({ kind: 'account', value })),
  'access-token': ({ accessTokens }) => each(accessTokens.values(), (value) => ({ kind: 'access-token', value })),
  product: ({ products }) => each(byPackageId(products.values()), (value) => ({ kind: 'product', value })),
  'product-version': ({ productVersions }) =>
    each(productVersions.values(), (value) => ({ kind: 'product-version', value })),
  customer: ({ customers }) => each(customers.values(), (value) => ({ kind: 'customer', value })),
  license: ({ licenses }) => each(licenses.values(), (value) => ({ kind: 'license', value })),
  activation: ({ activations }) => each(inner(activations), (value) => ({ kind: 'activation', value })),
  session: ({ sessions }) => each(inner(sessions), (value) => ({ kind: 'session', value })),
  revocation: ({ revocations }) => each(revocations.values(), (value) => ({ kind: 'revocation', value })),
  'stamp-ceiling': ({ stampCeiling: ceiling }) => [{ kind: 'stamp-ceiling', value: { ceiling } }],
  'webhook-endpoint': ({ webhookEndpoints }) =>
    each(webhookEndpoints.values(), (value) => ({ kind: 'webhook-endpoint', value })),
  event: ({ events }) => each(events, (value) => ({ kind: 'event', value })),
  delivery: ({ deliveries }) =>
    each(deliveries.values(), ({ event, ...delivery }) => {
      return { kind: 'delivery', value: { ...delivery, eventId: event.id } }
    }),
}

function* each<T>(rows: Iterable<T>, toRecord: (row: T) => StoreRecord): Iterable<StoreRecord> {
  for (const row of rows) yield toRecord(row)
}

function* inner<T>(table: ReadonlyMap<string, ReadonlyMap<string, T>>): Iterable<T> {
  for (const rows of table.values()) yield* rows.values()
}

function sizeOf(table: ReadonlyMap<string, ReadonlyMap<string, unknown>>): number {
  return [...table.values()].reduce((total, rows) => total + rows.size, 0)
}
