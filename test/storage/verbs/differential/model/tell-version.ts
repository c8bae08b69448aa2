import type { ActivationRows } from '../../../../../src/domain/decide-claim'
import type { Decided } from '../../../../../src/domain/decision'
import type { Step } from '../../../../../src/storage/verbs/store'
import type { Tables } from './tables'

/** An outcome that is kept to be told again holds the version that its license is tied to. */
export function tellVersion<O extends object>(
  decided: Decided<O>,
  tables: Tables,
  productId: string,
  { idempotency }: Step<string>,
): Decided<O> {
  const { license }: Partial<ActivationRows> = decided.outcome
  if (idempotency === undefined || !license?.versionId) return decided
  const version = tables.productVersions.get(license.versionId)
  return { ...decided, outcome: { ...decided.outcome, version: version?.productId === productId ? version : null } }
}
