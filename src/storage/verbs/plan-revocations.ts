import type { Decided, EntityChange } from '../../domain/decision'
import { keysOf, listRevoked } from '../../domain/revoke'
import { holdCeiling } from '../../domain/stamp'
import type { Further } from '../stepper/questions'
import type { Question } from '../stepper/stepper'
import { type Facts, lookUp } from './facts'
import { Later } from './later'
import { CEILING } from './license-target'

/**
 * The changes that put entries on the revocation lists and hold the ceiling of stamps above all tokens. What is there, and
 * was not read yet, is asked for first.
 */
export function planRevocations(
  { revoked = [], listed, reserved }: Pick<Decided<unknown>, 'revoked' | 'listed' | 'reserved'>,
  facts: Facts,
  further: Further,
): { readonly changes: readonly EntityChange[] } | Question {
  if (revoked.length === 0 && reserved === undefined) return { changes: [] }
  const later = new Later(further)
  const before =
    listed ?? revoked.flatMap(keysOf).flatMap((key) => facts.all('revocation', later.answer(lookUp('revocation', key))))
  const counter = facts.one('counter', later.answer(CEILING))
  const isTaken = revoked.length > 0
  return later.orAsk({ changes: [...listRevoked(revoked, before), ...holdCeiling(counter, { isTaken, reserved })] })
}
