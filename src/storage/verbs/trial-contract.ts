import type { Takeover } from '../../domain/activation'
import type { TrialOutcome } from '../../domain/decide-trial'
import type { SlotRequest } from '../../domain/slot-request'
import type { StartTrial, Step, StepResult } from './outcomes'

export interface TrialVerbs {
  /**
   * Starts a host's trial of a product, or goes on with the one it has had, and claims its slot, as `decideTrial` says: all in
   * one step. `not-offered`, like what `claimActivation` does not keep, is not kept under an idempotency key.
   */
  startTrial(
    accountId: string,
    start: StartTrial,
    claim: SlotRequest,
    step: Step<'started' | 'created' | 'existing' | Takeover>,
  ): StepResult<TrialOutcome>
}
