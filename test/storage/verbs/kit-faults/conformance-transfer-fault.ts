import type { RecordKind, StoreRecord, StoreRecordOf } from '../../../../src/storage/records'
import type { Tables } from '../differential/model/tables'
import { type Fault, fault } from './conformance-fault'

/** Fails in `group`: what is imported passes through `change` first. */
export function importFault(group: string, change: (record: StoreRecord, tables: Tables) => StoreRecord): Fault {
  return fault(group, (sound, tables) => ({
    importRecords: (records) => sound.importRecords(records.map((record) => change(record, tables))),
  }))
}

/** Fails in `group`: sees to something of its own after each record of a kind that was stored. */
export function afterStoring<K extends RecordKind>(
  group: string,
  kind: K,
  spoil: (value: StoreRecordOf<K>['value'], tables: Tables) => void,
): Fault {
  const isOfKind = (record: StoreRecord): record is StoreRecord & StoreRecordOf<K> => record.kind === kind
  return fault(group, (sound, tables) => ({
    importRecords: async (records) => {
      const outcomes = await sound.importRecords(records)
      for (const [index, record] of records.entries()) {
        if (outcomes[index] === 'stored' && isOfKind(record)) spoil(record.value, tables)
      }
      return outcomes
    },
  }))
}
