import type { Allowance, SpendOutcome } from '../../domain/allowance'
import { type StoredSpending, spendStored } from '../stored-spendings'
import type { Store } from './store'

const FIND = `
  SELECT l.seq, s.spent FROM licenses l LEFT JOIN allowances s ON s.license_seq = l.seq AND s.name = ?
  WHERE l.id = ? AND l.account_seq = (SELECT seq FROM accounts WHERE id = ?)`

const KEEP = `
  INSERT INTO allowances (license_seq, name, spent) VALUES (?, ?, ?)
  ON CONFLICT DO UPDATE SET spent = excluded.spent`

type Spent = SpendOutcome | { readonly kind: 'gone' }

/** What adds nothing is answered by reading: whoever asks again and again for what is exhausted keeps no one waiting. */
export function spendAllowance(
  store: Store,
  accountId: string,
  licenseId: string,
  allowance: Allowance,
  unit: string,
  now: Date,
): Promise<Spent> {
  return store.write(
    () => {
      const found = decide()
      if (found === undefined) return { kind: 'gone' }
      if (found.text !== null) store.sql(KEEP).run(found.seq, allowance.name, found.text)
      return found.outcome
    },
    () => {
      const found = decide()
      if (found === undefined) return { kind: 'gone' }
      return found.text === null ? found.outcome : undefined
    },
  )

  function decide(): (StoredSpending & { readonly seq: number }) | undefined {
    const row = store.sql<{ seq: number; spent: string | null }>(FIND).get(allowance.name, licenseId, accountId)
    return row && { seq: row.seq, ...spendStored(allowance, row.spent, unit, now) }
  }
}
