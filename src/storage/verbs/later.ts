import type { Answer, Query } from '../contract'
import type { Further } from '../stepper/questions'
import type { Question } from '../stepper/stepper'

/** What a decision asks only where it turns on it. */
export class Later {
  private readonly asked: Query[] = []

  constructor(private readonly further: Further) {}

  answer(query: Query): Answer | undefined {
    const answer = this.further(query)
    if (answer === undefined && !this.asked.includes(query)) this.asked.push(query)
    return answer
  }

  /** What was decided; where something was asked that nobody has read yet, nothing of it counts. */
  orAsk<D>(decided: D): D | Question {
    return this.asked.length > 0 ? { ask: this.asked } : decided
  }
}
