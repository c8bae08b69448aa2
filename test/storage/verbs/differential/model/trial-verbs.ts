import { decideTrial } from '../../../../../src/domain/decide-trial'
import type { TrialVerbs } from '../../../../../src/storage/verbs/trial-contract'
import type { Handle } from './handle'
import { slotFacts } from './slot-facts'
import { tellVersion } from './tell-version'

export function trialVerbs(handle: Handle): TrialVerbs {
  return {
    startTrial: (accountId, { trial, productId, previousKeys }, claim, step) =>
      handle.decide(accountId, step, (tables) => {
        const trials = [trial.canonicalKey, ...previousKeys]
          .flatMap((key) => tables.licenses.get(tables.licenseIds.get(key) ?? '') ?? [])
          .map((license) => slotFacts(tables, license, claim, step.now))
        const product = tables.products.get(productId) ?? null
        const facts = { accountId, product, trials, ceiling: tables.stampCeiling }
        return tellVersion(decideTrial(facts, trial, claim, step.now), tables, productId, step)
      }),
  }
}
