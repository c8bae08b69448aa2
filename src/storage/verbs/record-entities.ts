import { importing, type Kept } from '../../domain/decide-import'
import type { Entities, EntityName } from '../../domain/decision'
import { STAMP_CEILING } from '../../domain/stamp'
import type { ImportOutcome, RecordKind, StoreRecord, StoreRecordOf } from '../records'

/** The records of a kind: what they are of, and the order in which lists show them; default that of the key. */
export const RECORDED: { readonly [K in RecordKind]: { readonly of: EntityName; readonly by?: string } } = {
  'signing-key': { of: 'signingKey', by: 'recorded' },
  account: { of: 'account', by: 'inserted' },
  'access-token': { of: 'accessToken', by: 'ofAccount' },
  product: { of: 'product', by: 'ofAccount' },
  'product-version': { of: 'productVersion', by: 'ofProduct' },
  customer: { of: 'customer', by: 'ofAccount' },
  license: { of: 'license', by: 'ofAccount' },
  activation: { of: 'activation' },
  session: { of: 'session', by: 'started' },
  revocation: { of: 'revocation' },
  'stamp-ceiling': { of: 'counter' },
  'webhook-endpoint': { of: 'webhookEndpoint', by: 'ofAccount' },
  event: { of: 'event', by: 'ofAccount' },
  delivery: { of: 'delivery', by: 'ofAccount' },
}

/** The record that an entity of this kind is carried as. */
export function toRecord(kind: Exclude<RecordKind, 'stamp-ceiling'>, entity: Entities[EntityName]): StoreRecord {
  if (kind !== 'delivery') return { kind, value: entity } as StoreRecord
  const { line: _line, dueAt: _dueAt, ...value } = entity as Entities['delivery']
  return { kind, value }
}

/** Stores a record, unless something stands against it. */
export function importRecord(kept: Kept, record: StoreRecord): ImportOutcome {
  if (record.kind === 'stamp-ceiling') {
    return importing.counter(kept, { name: STAMP_CEILING, value: record.value.ceiling })
  }
  if (record.kind === 'delivery') return importing.delivery(kept, withoutLine(record))
  const { of } = RECORDED[record.kind]
  const importOne = importing[of as keyof typeof importing] as (kept: Kept, value: object) => ImportOutcome
  return importOne(kept, record.value)
}

function withoutLine({ value }: StoreRecordOf<'delivery'>): Entities['delivery'] {
  return { ...value, line: value.id, dueAt: null }
}
