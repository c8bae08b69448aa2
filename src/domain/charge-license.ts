import { type Charge, spend } from './allowance'
import { type EntityChange, insert, replace, type Spendings } from './decision'
import type { License } from './license'

/** Finds what was spent of an allowance of the license, by the allowance's name; null where nothing was. */
export type FindSpendings = (name: string) => Spendings | null

/** Nothing is left of an allowance until `retryAt`. */
export interface RateLimited {
  readonly kind: 'rate-limited'
  readonly retryAt: Date
}

/** What is written where every charge is paid. */
export interface Paid {
  readonly kind: 'paid'
  readonly changes: readonly EntityChange[]
}

/**
 * Pays for all of the charges, each of another allowance, or for none of them. Whoever pays also changes the license: else
 * its deletion, which has not seen a new row of spendings, would leave that row behind.
 */
export function chargeLicense(
  license: Pick<License, 'id'>,
  find: FindSpendings,
  charges: readonly Charge[],
  now: Date,
): Paid | RateLimited {
  const changes: EntityChange[] = []
  for (const { allowance, unit } of charges) {
    const before = find(allowance.name)
    const { spent, ...outcome } = spend(allowance, before?.spent ?? [], unit, now)
    if (outcome.kind === 'exhausted') return { kind: 'rate-limited', retryAt: outcome.retryAt }
    const after = { licenseId: license.id, name: allowance.name, spent }
    if (before === null) changes.push(insert('spendings', after))
    // What has left its period since does no harm where it is kept.
    else if (spent.some((spending) => !before.spent.includes(spending)))
      changes.push(replace('spendings', before, after))
  }
  return { kind: 'paid', changes }
}
