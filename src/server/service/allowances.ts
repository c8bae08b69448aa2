import type { Allowance, SpendOutcome } from '../../domain/allowance'
import { LicenseError } from '../../protocol/license-error'
import type { Call, ServiceContext } from './context'

/** One of a license's allowances that something is about to take of. */
export interface Spending {
  readonly licenseId: string
  readonly allowance: Allowance
  /** What it happens to. The same for a request that is repeated, so that it counts once. */
  readonly unit: string
}

/** Spends one of an allowance; false where nothing is left of it. */
export async function trySpend(context: ServiceContext, call: Call, spending: Spending, now: Date): Promise<boolean> {
  return (await spend(context, call, spending, now)).kind !== 'exhausted'
}

/**
 * Spends one of an allowance.
 * @throws {LicenseError} RATE_LIMITED when nothing is left of it, saying when there is
 */
export async function requireAllowance(
  context: ServiceContext,
  call: Call,
  spending: Spending,
  now: Date,
): Promise<void> {
  const outcome = await spend(context, call, spending, now)
  if (outcome.kind !== 'exhausted') return
  const retryAfterSeconds = Math.max(1, Math.ceil((outcome.retryAt.getTime() - now.getTime()) / 1000))
  throw new LicenseError('RATE_LIMITED', 'This has happened too often to this license', {
    detail: { retryAfterSeconds },
  })
}

/** `gone`: the license was deleted meanwhile, which the step that follows will find. */
function spend(
  { store }: ServiceContext,
  { accountId }: Call,
  { licenseId, allowance, unit }: Spending,
  now: Date,
): Promise<SpendOutcome | { readonly kind: 'gone' }> {
  return store.spendAllowance(accountId, licenseId, allowance, unit, now)
}
