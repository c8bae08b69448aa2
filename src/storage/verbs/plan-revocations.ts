import type { EntityChange, Revoked } from '../../domain/decision'
import { keysOf, listRevoked } from '../../domain/revoke'
import { raiseCeiling } from '../../domain/stamp'
import type { Further } from '../stepper/questions'
import type { Question } from '../stepper/stepper'
import { type Facts, lookUp } from './facts'
import { Later } from './later'
import { CEILING } from './license-target'

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
  const later = new Later(further)
  const before = revoked
    .flatMap(keysOf)
    .flatMap((key) => facts.all('revocation', later.answer(lookUp('revocation', key))))
  const counter = facts.one('counter', later.answer(CEILING))
  const stamps = { revoked: revoked.map(({ stamp }) => stamp), given: stamped }
  return later.orAsk({ changes: [...listRevoked(revoked, before), ...raiseCeiling(counter, stamps)] })
}
