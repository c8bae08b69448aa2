import { type ImportOutcome, RECORD_KINDS, type RecordKind, type Storage, type StoreRecord } from 'keyslot/storage'
import { recordAsk } from '../asks'
import type { Store } from '../store'

type TransferVerbs = Pick<Storage, 'countRecords' | 'exportRecords' | 'importRecords'>

/** The version of the revocation list is always there, and no row. */
const COUNTED = RECORD_KINDS.filter((kind) => kind !== 'revocation-version')

type Counts = Readonly<Record<RecordKind, number>> & { readonly kind: 'counted' }

interface Batch {
  readonly kind: 'found'
  readonly items: readonly StoreRecord['value'][]
  readonly next: string | null
}

export function transferVerbs(store: Store): TransferVerbs {
  return {
    countRecords: async () => {
      const { kind: _counted, ...counts } = await store.ask<Counts>('transfer', 'countRecords', { kinds: COUNTED })
      return { ...counts, 'revocation-version': 1 }
    },
    exportRecords: async (kind, after, limit) => {
      const { items, next } = await store.ask<Batch>('transfer', 'exportRecords', { kind, after: after ?? '0', limit })
      return { records: items.map((value) => ({ kind, value }) as StoreRecord), next }
    },
    importRecords: async (records) => {
      const ask = { records: records.map(recordAsk) }
      const items = await store.findAll<{ readonly outcome: ImportOutcome }>('transfer', 'importRecords', ask)
      return items.map(({ outcome }) => outcome)
    },
  }
}
