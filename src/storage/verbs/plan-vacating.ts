import { type Decided, type EntityChange, insert, remove, type Vacated } from '../../domain/decision'
import type { Further } from '../stepper/questions'
import type { Question } from '../stepper/stepper'
import { type Facts, lookFor } from './facts'
import { Later } from './later'

/** What goes in a step with the licenses that it vacates. */
export interface Vacating {
  readonly changes: readonly EntityChange[]
  /** True where rows are left behind, which are to be cleared away. */
  readonly leaves: boolean
}

/**
 * Removes the rows of vacated licenses in the step itself, where there are few. Else the license says another generation, or
 * is gone, so that all of them are gone for everybody at once: what they are is written down, and they follow later.
 *
 * @param most how many rows the step may remove, of all licenses together
 */
export function planVacating(
  { vacated = [] }: Pick<Decided<unknown>, 'vacated'>,
  facts: Facts,
  further: Further,
  most: number,
): Vacating | Question {
  const later = new Later(further)
  const share = Math.floor(most / Math.max(1, vacated.flatMap(({ of }) => of).length))
  const changes = vacated.flatMap((one) => vacate(one, share, facts, later))
  return later.orAsk({ changes, leaves: changes.some(({ of }) => of === 'leftover') })
}

function vacate({ license, of: kinds }: Vacated, share: number, facts: Facts, later: Later): readonly EntityChange[] {
  return kinds.flatMap((of) => {
    const generation = facts.generationOf(of, license.id)
    if (generation === undefined) throw new Error('A decision vacates a license that it was not given')
    const query = lookFor(of, { equal: [license.id, generation], limit: share + 1 })
    const rows = facts.all(of, later.answer(query))
    if (rows.length <= share) return rows.map((row): EntityChange => remove(of, row))
    facts.renew(of, license)
    return [insert('leftover', { of, licenseId: license.id, generation })]
  })
}
