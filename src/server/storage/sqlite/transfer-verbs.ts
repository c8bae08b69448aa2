import type { Storage } from '../contract'
import type { Store } from './store'
import { countRecords, readBatch } from './transfer-export'
import { importRecords } from './transfer-import'

type TransferVerbs = Pick<Storage, 'countRecords' | 'exportRecords' | 'importRecords'>

export function transferVerbs(store: Store): TransferVerbs {
  return {
    countRecords: () => store.read(() => countRecords(store)),
    exportRecords: (kind, after, limit) => store.read(() => readBatch(store, kind, after, limit)),
    importRecords: (records) => store.write(() => importRecords(store, records)),
  }
}
