import type { EntityChange, Revoked } from '../../domain/decision'
import { keysOf, listRevoked } from '../../domain/revoke'
import { raiseCeiling, STAMP_CEILING } from '../../domain/stamp'
import type { Further, Question } from '../stepper/stepper'
import { type Facts, lookUp } from './facts'

/** What a step has revoked, and the stamp of the token that it is about to give out, where none is reserved that high. */
export interface Stamped {
  readonly revoked?: readonly Revoked[] | undefined
  readonly stamped?: number | undefined
}

/** The changes that put entries on the revocation lists and raise the ceiling of stamps; what is there is asked for first. */
export function planRevocations(
  { revoked = [], stamped }: Stamped,
  facts: Facts,
  further: Further,
): { readonly changes: readonly EntityChange[] } | Question {
  if (revoked.length === 0 && stamped === undefined) return { changes: [] }
  const ceiling = lookUp('counter', [STAMP_CEILING])
  const queries = revoked.flatMap(keysOf).map((key) => lookUp('revocation', key))
  const answers = queries.map(further)
  const counted = further(ceiling)
  if (counted === undefined || answers.includes(undefined)) return { ask: [ceiling, ...queries] }
  const before = answers.flatMap((answer) => facts.all('revocation', answer))
  const stamps = { revoked: revoked.map(({ stamp }) => stamp), given: stamped }
  return { changes: [...listRevoked(revoked, before), ...raiseCeiling(facts.one('counter', counted), stamps)] }
}
