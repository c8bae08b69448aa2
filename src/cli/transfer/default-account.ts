import { DEFAULT_ACCOUNT_ID } from '../../domain/account'
import type { StoreRecord } from '../../storage/records'
import type { Store } from '../../storage/verbs/store'

/**
 * Makes the default account where a store has none yet; else the first start of a server makes it. An export has an
 * account of its own, before all records of that account, and that account is stored as it is.
 */
export function defaultAccount(store: Store, now: Date): (records: readonly StoreRecord[]) => Promise<void> {
  let made = false
  return async (records) => {
    if (made) return
    const brought = records.some(({ kind, value }) => kind === 'account' && value.id === DEFAULT_ACCOUNT_ID)
    if (!brought && !records.some(needsAccount)) return
    if (!brought) await store.insertAccount({ id: DEFAULT_ACCOUNT_ID, name: 'default', plan: 'pro', createdAt: now })
    made = true
  }
}

function needsAccount({ kind }: StoreRecord): boolean {
  return !['signing-key', 'account', 'revocation', 'stamp-ceiling'].includes(kind)
}
