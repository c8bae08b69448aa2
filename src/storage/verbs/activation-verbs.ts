import { raiseActivation } from '../../domain/activation'
import { type SpendOutcome, spend } from '../../domain/allowance'
import { decideClaim } from '../../domain/decide-claim'
import { decideRelease, decideReleaseAll } from '../../domain/decide-release'
import { insert, only, replace } from '../../domain/decision'
import { isSoldFor } from '../../domain/license'
import { lookFor, lookUp } from './facts'
import { activationsOn, besides, EVERY_ACTIVATION, lookForTarget, OWN_CUSTOMER, targetOf } from './license-target'
import { pageFrom, pageQuery } from './pages'
import { act, type Keeping, look, mutate } from './run-step'
import type { FindActivationOutcome, ReleaseAllOutcome, ReleaseOutcome } from './store'
import type { ActivationVerbs } from './verb-families'

export function activationVerbs(keeping: Keeping): ActivationVerbs {
  return {
    claimActivation: (accountId, target, claim, step) =>
      mutate(keeping, accountId, step, {
        queries: lookForTarget(target, {
          ...OWN_CUSTOMER,
          ...activationsOn([claim.hostId, ...(claim.previousHostIds ?? [])]),
        }),
        decide([licenses, products], facts) {
          const found = licenses?.rows[0]
          if (found === undefined) return only({ kind: 'gone' })
          const license = facts.entity('license', found)
          const product = facts.one('product', products)
          return decideClaim({ accountId, license, product, ...besides(facts, found) }, claim, step.now)
        },
      }),

    releaseActivation: (accountId, target, step) =>
      mutate<ReleaseOutcome>(keeping, accountId, step, {
        queries: lookForTarget(target, activationsOn([target.hostId])),
        decide(answers, facts) {
          const named = targetOf(facts, answers, accountId, target)
          if ('kind' in named) return only({ kind: 'gone' })
          return decideRelease(named.license, named.activations[0] ?? null, target, step.now)
        },
      }),

    releaseAllActivations: (accountId, target, step) =>
      mutate<ReleaseAllOutcome>(keeping, accountId, step, {
        queries: lookForTarget(target, EVERY_ACTIVATION),
        decide(answers, facts) {
          const named = targetOf(facts, answers, accountId, target)
          if ('kind' in named) return only({ kind: 'gone' })
          return decideReleaseAll(named.license, named.activations)
        },
      }),

    findActivation: (accountId, { hostId, ...target }) =>
      look<FindActivationOutcome>(
        keeping,
        lookForTarget(target, { ...OWN_CUSTOMER, ...activationsOn([hostId]) }),
        ([licenses, products], facts) => {
          const found = licenses?.rows[0]
          const product = facts.one('product', products)
          if (found === undefined || product?.active !== true || product.accountId !== accountId)
            return { kind: 'gone' }
          const license = facts.entity('license', found)
          if (license.accountId !== accountId) return { kind: 'gone' }
          if (!isSoldFor(license, product, accountId)) return { kind: 'wrong-product' }
          const { customer, activations } = besides(facts, found)
          return { kind: 'found', license, product, customer, activation: activations[0] ?? null }
        },
      ),

    touchActivation: (accountId, licenseId, hostId, seen) =>
      act<void>(keeping, {
        queries: [lookUp('license', [licenseId], { follow: activationsOn([hostId]) })],
        decide([licenses], facts) {
          const found = licenses?.rows[0]
          if (found === undefined || facts.entity('license', found).accountId !== accountId) return only(undefined)
          const [activation] = besides(facts, found).activations
          if (activation === undefined) return only(undefined)
          return { outcome: undefined, changes: [replace('activation', activation, raiseActivation(activation, seen))] }
        },
      }),

    spendAllowance: (accountId, licenseId, allowance, unit, now) =>
      act<SpendOutcome | { readonly kind: 'gone' }>(keeping, {
        queries: [lookUp('license', [licenseId]), lookUp('spendings', [licenseId, allowance.name])],
        decide([licenses, spendings], facts) {
          const license = facts.one('license', licenses)
          if (license?.accountId !== accountId) return only({ kind: 'gone' })
          const before = facts.one('spendings', spendings)
          const { spent, ...outcome } = spend(allowance, before?.spent ?? [], unit, now)
          const after = { licenseId, name: allowance.name, spent }
          // With a license that stays as it is, its deletion would leave the new row behind: it has not seen it.
          if (before === null) {
            return { outcome, changes: [insert('spendings', after), replace('license', license, license)] }
          }
          // What has left its period since does no harm where it is kept.
          const isAdded = spent.some((spending) => !before.spent.includes(spending))
          return isAdded ? { outcome, changes: [replace('spendings', before, after)] } : only(outcome)
        },
      }),

    listActivations: (accountId, licenseId, page) =>
      look(
        keeping,
        [lookUp('license', [licenseId]), lookFor('activation', pageQuery('newest', [licenseId], page))],
        ([licenses, activations], facts) =>
          facts.one('license', licenses)?.accountId === accountId
            ? pageFrom('activation', activations, facts)
            : { items: [], total: 0 },
      ),
  }
}
