import { DEFAULT_ACCOUNT_ID } from '../../domain/account'
import type { Storage } from '../../storage/contract'
import type { StoreRecord } from '../../storage/records'

/**
 * A server's first start makes the default account. Records that come before it need it all the same; an export brings
 * its own, ahead of all that belongs to it, and that one is to be stored as it is.
 */
export function defaultAccount(storage: Storage, now: Date): (records: readonly StoreRecord[]) => Promise<void> {
  let made = false
  return async (records) => {
    if (made) return
    const brought = records.some(({ kind, value }) => kind === 'account' && value.id === DEFAULT_ACCOUNT_ID)
    if (!brought && !records.some(needsAccount)) return
    if (!brought) await storage.insertAccount({ id: DEFAULT_ACCOUNT_ID, name: 'default', plan: 'pro', createdAt: now })
    made = true
  }
}

function needsAccount({ kind }: StoreRecord): boolean {
  return !['signing-key', 'account', 'revocation', 'revocation-version'].includes(kind)
}
