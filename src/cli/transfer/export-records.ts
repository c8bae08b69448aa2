import type { Storage } from '../../storage/contract'
import type { RecordKind, StoreRecord } from '../../storage/records'
import { serializeLine } from './record-line'
import { batchesOf } from './records-of'

export interface ExportChoices {
  /** In the order they are given. */
  readonly kinds: readonly RecordKind[]
  /** Only what belongs to this account; undefined for everything. */
  readonly accountId: string | undefined
}

/** How many records of each kind an export has written. */
export type ExportCounts = { [K in RecordKind]?: number }

/**
 * The lines of an export, a batch of them at a time.
 * @param counts what is written is counted here, so that it is known as it happens
 */
export async function* exportLines(
  storage: Storage,
  { kinds, accountId }: ExportChoices,
  counts: ExportCounts,
): AsyncGenerator<string> {
  const belongs = accountId === undefined ? () => true : belongingTo(accountId)
  for (const kind of kinds) {
    counts[kind] = 0
    for await (const records of batchesOf(storage, kind)) {
      const wanted = records.filter(belongs)
      counts[kind] += wanted.length
      if (wanted.length > 0) yield wanted.map(serializeLine).join('')
    }
  }
}

/**
 * True for what belongs to an account. What names only its product or license is told by those that came before it,
 * whose ids are kept: some 100 bytes for each license of the account. Signing keys and the revocation list belong to
 * the whole installation.
 */
function belongingTo(accountId: string): (record: StoreRecord) => boolean {
  const owned = new Set<string>()
  return (record) => {
    switch (record.kind) {
      case 'signing-key':
      case 'revocation':
      case 'revocation-version':
        return false
      case 'account':
        return record.value.id === accountId
      case 'product-version':
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
