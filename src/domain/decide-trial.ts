import type { FindSpendings } from './charge-license'
import type { SlotFacts } from './choose-slot'
import type { ActivationRows } from './decide-claim'
import { type ClaimOutcome, decideClaim } from './decide-claim'
import { licensed } from './decide-license'
import { type Decided, forNow, insert, only } from './decision'
import type { License } from './license'
import type { Product } from './product'
import { lacksProof } from './refuse-claim'
import type { SlotRequest } from './slot-request'
import type { Stamped } from './stamp'

export type TrialOutcome =
  | ClaimOutcome
  /** The trial was made, and its host activated. */
  | Stamped<{ readonly kind: 'started' } & ActivationRows>
  | { readonly kind: 'product-not-found' }
  | { readonly kind: 'not-offered' }

/** What a trial is decided on. */
export interface TrialFacts {
  readonly accountId: string
  readonly product: Product | null
  /** The trials of the product there are: that of the host first, then those of its previous ids, the likeliest first. */
  readonly trials: readonly Omit<SlotFacts, 'product' | 'ceiling'>[]
  /** The ceiling of stamps. */
  readonly ceiling: number
}

/**
 * Starts a host's trial of a product, or goes on with the one it has had. In this order: `product-not-found`; `not-offered`;
 * `proof-required`; what `decideClaim` says of the trial there is; else `started`, with a trial that lasts as long as the
 * product says.
 *
 * @param trial the license that is made, but for its end
 */
export function decideTrial(
  { accountId, product, trials, ceiling }: TrialFacts,
  trial: License,
  claim: SlotRequest,
  now: Date,
): Decided<TrialOutcome> {
  if (product?.active !== true || product.accountId !== accountId) return only({ kind: 'product-not-found' })
  if (product.trialSeconds === null) return forNow({ kind: 'not-offered' })
  if (lacksProof(product, null, claim, now)) return forNow({ kind: 'proof-required' })
  const [first] = trials
  if (first !== undefined) return decideClaim({ ...first, accountId, product, ceiling }, claim, now)

  const license = { ...trial, expiresAt: new Date(now.getTime() + product.trialSeconds * 1000) }
  const decided = decideClaim({ ...NOTHING_YET, accountId, license, product, ceiling }, claim, now)
  const { outcome } = decided
  if (outcome.kind !== 'created') return decided
  return {
    ...decided,
    outcome: { ...outcome, kind: 'started' },
    changes: [
      insert('license', outcome.license),
      ...licensed(outcome.license),
      ...decided.changes.filter(({ of }) => of !== 'license'),
    ],
  }
}

const NOTHING_YET = {
  customer: null,
  activations: [],
  findDevices: () => [],
  findResting: () => [],
  findEnded: () => [],
  findSpendings: (() => null) satisfies FindSpendings,
  countEntries: () => 0,
  findEntries: () => [],
}
