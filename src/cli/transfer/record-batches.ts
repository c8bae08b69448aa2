import type { RecordKind, StoreRecord, StoreRecordOf } from '../../storage/records'
import type { Store } from '../../storage/verbs/store'

/** How many records one step takes: many enough for few steps, few enough to hold nobody up. Larger steps are slower. */
export const BATCH_SIZE = 500

/** The records of one kind, a batch at a time. */
export async function* batchesOf(store: Store, kind: RecordKind): AsyncGenerator<readonly StoreRecord[]> {
  let after: string | null = null
  do {
    const { records, next } = await store.exportRecords(kind, after, BATCH_SIZE)
    yield records
    after = next
  } while (after !== null)
}

/** The records of one kind, one by one. */
export async function* recordsOf<K extends RecordKind>(store: Store, kind: K): AsyncGenerator<StoreRecordOf<K>> {
  for await (const records of batchesOf(store, kind)) {
    for (const record of records) if (isOfKind(record, kind)) yield record
  }
}

function isOfKind<K extends RecordKind>(record: StoreRecord, kind: K): record is StoreRecord & StoreRecordOf<K> {
  return record.kind === kind
}
