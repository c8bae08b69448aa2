import { decideClaim } from '../../domain/decide-claim'
import { decideRelease, decideReleaseAll } from '../../domain/decide-release'
import { decideValidate } from '../../domain/decide-validate'
import { only } from '../../domain/decision'
import { isSoldFor, type License } from '../../domain/license'
import type { Product } from '../../domain/product'
import { isCovered } from '../../domain/product-list'
import type { ActivationVerbs } from './activation-contract'
import { deviceVerbs } from './device-verbs'
import { lookFor, lookUp } from './facts'
import { ofItsLicense } from './generations'
import { Later } from './later'
import {
  activationsOn,
  besides,
  CEILING,
  ceilingOf,
  entriesOf,
  entryCounter,
  LAST_TOKEN,
  listedOf,
  liveEntries,
  lookForEntriesOf,
  lookForTarget,
  OWN_CUSTOMER,
  spendingsFinder,
  spendingsOf,
  targetOf,
  tokensOf,
} from './license-target'
import { pageFrom, pageQuery } from './pages'
import { type Keeping, look, lookOrMutate, mutate } from './run-step'
import { changesOf, slotFacts, slotsOf } from './slot-facts'
import type {
  ClaimOutcome,
  FindActivationOutcome,
  ReleaseAllOutcome,
  ReleaseOutcome,
  Step,
  ValidateOutcome,
} from './store'
import { tellVersion } from './tell-version'

export function activationVerbs(keeping: Keeping): ActivationVerbs {
  return {
    claimActivation: (accountId, target, claim, step) =>
      mutate<ClaimOutcome>(keeping, accountId, step, {
        queries: [...lookForTarget(target, slotsOf(claim)), CEILING],
        decide([licenses, products, counters], facts, further) {
          const found = licenses?.rows[0]
          if (found === undefined) return only({ kind: 'gone' })
          const product = facts.one('product', products)
          if (claim.replaceDevice !== undefined && isSoldToo(facts.entity('license', found), product, accountId, step))
            return only({ kind: 'no-self-service' })
          const later = new Later(further)
          const rows = {
            accountId,
            ...slotFacts(facts, found, later, step.now),
            product,
            ceiling: ceilingOf(facts, counters),
          }
          const decided = decideClaim(rows, claim, step.now)
          return later.orAsk(tellVersion(decided, { productId: target.productId, step, facts, later }))
        },
      }),

    releaseActivation: (accountId, { canonicalKey, productId, hostId, ...release }, step) => {
      const target = { canonicalKey, ...(productId !== undefined && { productId }) }
      return mutate<ReleaseOutcome>(keeping, accountId, step, {
        queries: [
          ...lookForTarget(target, {
            ...OWN_CUSTOMER,
            ...activationsOn([hostId]),
            ...spendingsOf(changesOf(release)),
            ...liveEntries(step.now),
            ...entriesOf(hostId),
          }),
          CEILING,
        ],
        decide(answers, facts, further) {
          const named = targetOf(facts, answers, accountId, target)
          if ('kind' in named) return only({ kind: 'gone' })
          const { license, customer, activations, found } = named
          if (release.drops !== undefined && !isCovered(license, step.products)) return only({ kind: 'not-covered' })
          const later = new Later(further)
          const findSpendings = spendingsFinder(facts, found, later)
          const rows = {
            license,
            customer,
            activation: activations[0] ?? null,
            findSpendings,
            ceiling: ceilingOf(facts, answers.at(-1)),
            countEntries: entryCounter(found, step.now, later),
          }
          const decided = decideRelease(rows, release, step.now)
          return later.orAsk({ ...decided, listed: listedOf(facts, found) })
        },
      })
    },

    ...deviceVerbs(keeping),

    releaseAllActivations: (accountId, target, step) =>
      mutate<ReleaseAllOutcome>(keeping, accountId, step, {
        queries: [...lookForTarget(target, LAST_TOKEN), CEILING],
        decide(answers, facts) {
          const named = targetOf(facts, answers, accountId, target, step.products)
          if ('kind' in named) return only({ kind: named.kind === 'not-covered' ? named.kind : 'gone' })
          const tokens = tokensOf(facts, named.found, answers.at(-1))
          return decideReleaseAll(named.license, tokens, step.now)
        },
      }),

    validateActivation: (accountId, { canonicalKey, productId, ...asked }, now, plan = () => ({ now })) =>
      lookOrMutate<ValidateOutcome>(keeping, accountId, plan, {
        queries: [
          ...lookForTarget({ canonicalKey, productId }, { ...OWN_CUSTOMER, ...activationsOn([asked.hostId]) }),
          CEILING,
        ],
        decide([licenses, products, counters], facts, further) {
          const found = licenses?.rows[0]
          if (found === undefined) return only({ kind: 'gone' })
          const { customer, activations } = besides(facts, found)
          const product = facts.one('product', products)
          const later = new Later(further)
          const license = facts.entity('license', found)
          const rows = {
            license,
            product,
            customer,
            activation: activations[0] ?? null,
            ceiling: ceilingOf(facts, counters),
            findEntries: () => facts.all('revocation', later.answer(lookForEntriesOf(license.id, asked.hostId))),
          }
          return later.orAsk(decideValidate({ accountId, ...rows }, asked, now))
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

    findAuthtoolLogins: (productId, hostId) =>
      look(
        keeping,
        [
          lookFor('activation', {
            by: 'authtool',
            equal: [productId, hostId],
            limit: MOST_LOGINS,
            follow: { license: lookUp('license', [{ column: 'license_id' }], { follow: OWN_CUSTOMER }) },
          }),
        ],
        ([activations], facts) =>
          (activations?.rows ?? []).flatMap((found) => {
            const [held] = found.followed.license?.rows ?? []
            if (held === undefined) return []
            const license = facts.entity('license', held)
            // The others were left behind by a license that has lost them.
            if (found.row.generation !== facts.generationOf('activation', license.id)) return []
            const { customer } = besides(facts, held)
            return [{ license, customer, activation: facts.entity('activation', found) }]
          }),
      ),

    listActivations: (accountId, licenseId, page) =>
      look(
        keeping,
        [
          lookUp('license', [licenseId], {
            follow: { listed: lookFor('activation', pageQuery('newest', ofItsLicense('activation'), page)) },
          }),
        ],
        ([licenses], facts) =>
          facts.one('license', licenses)?.accountId === accountId
            ? pageFrom('activation', licenses?.rows[0]?.followed.listed, facts)
            : { items: [], total: 0 },
      ),
  }
}

/** Licenses that one host may have logged in with. */
const MOST_LOGINS = 64

/** True where a license is for the product, and for one too that whoever asks may not act on. */
function isSoldToo(
  license: License,
  product: Product | null,
  accountId: string,
  { products }: Pick<Step<never>, 'products'>,
): boolean {
  return isSoldFor(license, product, accountId) && !isCovered(license, products)
}
