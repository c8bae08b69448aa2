import type { Storage } from '../contract'
import type { Store } from './store'
import { countRecords, exportRecords } from './transfer-export'
import { importRecords } from './transfer-import'

/** Whole records, from and to other stores. */
export function transferVerbs(store: Store): Pick<Storage, 'countRecords' | 'exportRecords' | 'importRecords'> {
  return {
    countRecords: () => countRecords(store),
    exportRecords: (kind, after, limit) => exportRecords(store, kind, after, limit),
    importRecords: (records) => store.step((statements) => importRecords(statements, records)),
  }
}
