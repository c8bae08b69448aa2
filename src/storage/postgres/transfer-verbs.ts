import type { TransferVerbs } from '../verb-families'
import type { Store } from './store'
import { countRecords, exportRecords } from './transfer-export'
import { importRecords } from './transfer-import'

/** Whole records, from and to other stores. */
export function transferVerbs(store: Store): TransferVerbs {
  return {
    countRecords: () => countRecords(store),
    exportRecords: (kind, after, limit) => exportRecords(store, kind, after, limit),
    importRecords: (records) => store.step((statements) => importRecords(statements, records)),
  }
}
