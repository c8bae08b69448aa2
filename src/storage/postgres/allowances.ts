import type { Allowance, SpendOutcome } from '../../domain/allowance'
import { type StoredSpending, spendStored } from '../stored-spendings'
import type { Statements, Store } from './store'

const FIND = `SELECT l.seq, s.spent FROM @licenses l LEFT JOIN @allowances s ON s.license_seq = l.seq AND s.name = $3
  WHERE l.id = $1 AND l.account_id = $2`

/** A statement of its own: what is read by the same one is older than the lock it waits for. */
const LOCK = 'SELECT seq FROM @licenses WHERE id = $1 AND account_id = $2 FOR NO KEY UPDATE'

const KEEP = `INSERT INTO @allowances (license_seq, name, spent) VALUES ($1, $2, $3)
  ON CONFLICT (license_seq, name) DO UPDATE SET spent = excluded.spent RETURNING 1`

/**
 * Decides in TypeScript, under the license's lock: what adds to an allowance is rare by its nature. What adds nothing is
 * answered by reading: whoever asks again and again for what is exhausted keeps no one waiting.
 */
export async function spendAllowance(
  store: Store,
  accountId: string,
  licenseId: string,
  allowance: Allowance,
  unit: string,
  now: Date,
): Promise<SpendOutcome | { readonly kind: 'gone' }> {
  const looked = await decide(store)
  if (looked === undefined) return { kind: 'gone' }
  if (looked.text === null) return looked.outcome
  return store.step(async (statements) => {
    await statements.rows(LOCK, [licenseId, accountId])
    const found = await decide(statements)
    if (found === undefined) return { kind: 'gone' }
    if (found.text !== null) await statements.rows(KEEP, [found.seq, allowance.name, found.text])
    return found.outcome
  })

  async function decide(statements: Statements): Promise<(StoredSpending & { readonly seq: number }) | undefined> {
    const row = await statements.row(FIND, [licenseId, accountId, allowance.name])
    if (row === undefined) return undefined
    const spent = row.spent === null ? null : String(row.spent)
    return { seq: Number(row.seq), ...spendStored(allowance, spent, unit, now) }
  }
}
