import { decideTrial } from '../../domain/decide-trial'
import { lookUp } from './facts'
import { Later } from './later'
import { CEILING, ceilingOf } from './license-target'
import { type Keeping, mutate } from './run-step'
import { slotFacts, slotsOf } from './slot-facts'
import type { TrialOutcome } from './store'
import { tellVersion } from './tell-version'
import type { TrialVerbs } from './trial-contract'

export function trialVerbs(keeping: Keeping): TrialVerbs {
  return {
    startTrial: (accountId, { trial, productId, previousKeys }, claim, step) => {
      const named = [trial.canonicalKey, ...previousKeys].map((key) =>
        lookUp('license', [key], { by: 'canonicalKey', follow: slotsOf(claim) }),
      )
      return mutate<TrialOutcome>(keeping, accountId, step, {
        queries: [...named, lookUp('product', [productId]), CEILING],
        decide(answers, facts, further) {
          const later = new Later(further)
          const found = answers.slice(0, named.length).flatMap(({ rows }) => rows)
          const trials = found.map((one) => slotFacts(facts, one, later, step.now))
          const product = facts.one('product', answers[named.length])
          const ceiling = ceilingOf(facts, answers[named.length + 1])
          const decided = decideTrial({ accountId, product, trials, ceiling }, trial, claim, step.now)
          return later.orAsk(tellVersion(decided, { productId, step, facts, later }))
        },
      })
    },
  }
}
