import type { RecordKind, StoreRecord } from '../../storage/records'
import type { Store } from '../../storage/verbs/store'
import { batchesOf } from './record-batches'
import { serializeLine } from './record-line'

export interface ExportChoices {
  /** The kinds to export, in this order. */
  readonly kinds: readonly RecordKind[]
  /** Exports only the records of this account; undefined for all records. */
  readonly accountId: string | undefined
}

/** How many records of each kind an export has written. */
export type ExportCounts = { [K in RecordKind]?: number }

/**
 * The lines of an export, a batch of them at a time.
 * @param counts the written records are counted here, as they are written
 */
export async function* exportLines(
  store: Store,
  { kinds, accountId }: ExportChoices,
  counts: ExportCounts,
): AsyncGenerator<string> {
  const belongs = accountId === undefined ? () => true : belongingTo(accountId)
  for (const kind of kinds) {
    counts[kind] = 0
    for await (const records of batchesOf(store, kind)) {
      const wanted = records.filter(belongs)
      counts[kind] += wanted.length
      if (wanted.length > 0) yield wanted.map(serializeLine).join('')
    }
  }
}

/**
 * True for the records of an account. Some records name only their product or license; the ids of these came earlier in
 * the export and are kept, some 100 bytes for each license of the account. Signing keys belong to the
 * whole installation; the ceiling of stamps is everybody's.
 */
function belongingTo(accountId: string): (record: StoreRecord) => boolean {
  const owned = new Set<string>()
  return (record) => {
    switch (record.kind) {
      case 'signing-key':
        return false
      case 'stamp-ceiling':
        return true
      case 'account':
        return record.value.id === accountId
      case 'product-version':
      case 'revocation':
        return owned.has(record.value.productId)
      case 'activation':
      case 'session':
        return owned.has(record.value.licenseId)
      case 'product':
      case 'license':
        if (record.value.accountId === accountId) owned.add(record.value.id)
        return record.value.accountId === accountId
      default:
        return record.value.accountId === accountId
    }
  }
}
