import type { Answer, Query } from '../contract'
import type { Further } from '../stepper/stepper'

/**
 * What a decision asks only where it turns on it. Where `asked` names something that nobody has read yet, nothing that was
 * decided counts.
 */
export class Later {
  readonly asked: Query[] = []

  constructor(private readonly further: Further) {}

  answer(query: Query): Answer | undefined {
    const answer = this.further(query)
    if (answer === undefined) this.asked.push(query)
    return answer
  }
}
