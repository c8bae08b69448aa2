import { instantAt } from './calendar'

/** How often something may happen to a license: at most `limit` times in any stretch of `periodMs`. */
export interface Allowance {
  /** Names it: each name is counted by itself. */
  readonly name: string
  readonly limit: number
  readonly periodMs: number
}

/** One time it happened. */
export interface Spending {
  /** What it happened to: the same unit counts once in a period. */
  readonly unit: string
  readonly at: Date
}

/** Something that counts against an allowance. */
export interface Charge {
  readonly allowance: Allowance
  /** What it happens to. The same for a request that is repeated, so that it counts once. */
  readonly unit: string
}

type SpendOutcome = { readonly kind: 'spent' } | { readonly kind: 'exhausted'; readonly retryAt: Date }

/**
 * Spends one of an allowance, at `now`.
 * @param spent what was spent before, oldest first; what is no longer in the period does not count
 * @returns with what is to be remembered: no more than the limit, or what was spent before it was lowered
 */
export function spend(
  { limit, periodMs }: Allowance,
  spent: readonly Spending[],
  unit: string,
  now: Date,
): SpendOutcome & { readonly spent: readonly Spending[] } {
  const since = now.getTime() - periodMs
  const counted = spent.filter(({ at }) => at.getTime() > since)
  if (counted.some((spending) => spending.unit === unit)) return { kind: 'spent', spent: counted }
  if (counted.length < limit) return { kind: 'spent', spent: [...counted, { unit, at: now }] }
  // The first of those that leaves room for one more, where the limit was lowered since.
  const leaving = counted[counted.length - limit]?.at ?? now
  return { kind: 'exhausted', retryAt: instantAt(leaving.getTime() + periodMs), spent: counted }
}
