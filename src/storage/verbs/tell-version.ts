import type { ActivationRows } from '../../domain/decide-claim'
import type { Decided } from '../../domain/decision'
import { type Facts, lookUp } from './facts'
import type { Later } from './later'
import type { Step } from './store'

/**
 * Adds the version that the license is tied to, where the outcome is kept under an idempotency key: an answer that is told
 * again names the version as the first one did.
 */
export function tellVersion<O extends object>(
  decided: Decided<O>,
  { productId, step, facts, later }: { productId: string; step: Step<string>; facts: Facts; later: Later },
): Decided<O> {
  const { license }: Partial<ActivationRows> = decided.outcome
  const versionId = license?.versionId ?? null
  if (step.idempotency === undefined || versionId === null) return decided
  const found = facts.one('productVersion', later.answer(lookUp('productVersion', [versionId])))
  const version = found?.productId === productId ? found : null
  return { ...decided, outcome: { ...decided.outcome, version } }
}
