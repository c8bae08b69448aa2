import { type Allowance, type Spending, type SpendOutcome, spend } from '../domain/allowance'
import { decodeOutcome, encodeOutcome } from './outcome-codec'

/** How an allowance kept as text was spent. */
export interface StoredSpending {
  readonly outcome: SpendOutcome
  /** The text to keep from now on; null where nothing is added: what has left its period since does no harm. */
  readonly text: string | null
}

/**
 * Spends one of an allowance that an adapter keeps as text.
 * @param text what it keeps: null for nothing yet, else the text it was given last
 */
export function spendStored(allowance: Allowance, text: string | null, unit: string, now: Date): StoredSpending {
  const before = text === null ? [] : decodeOutcome<readonly Spending[]>(text)
  const { spent, ...outcome } = spend(allowance, before, unit, now)
  const isAdded = spent.some((spending) => !before.includes(spending))
  return { outcome, text: isAdded ? encodeOutcome(spent) : null }
}
