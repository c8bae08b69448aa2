import type { TransferVerbs } from '../verb-families'
import type { Store } from './store'
import { countRecords, readBatch } from './transfer-export'
import { importRecords } from './transfer-import'

export function transferVerbs(store: Store): TransferVerbs {
  return {
    countRecords: () => store.read(() => countRecords(store)),
    exportRecords: (kind, after, limit) => store.read(() => readBatch(store, kind, after, limit)),
    importRecords: (records) => store.write(() => importRecords(store, records)),
  }
}
