import type { EntityChange, Revocation } from '../../domain/decision'
import { REVOCATION_VERSION, revoke } from '../../domain/revoke'
import type { Further, Question } from '../stepper/stepper'
import { type Facts, lookUp } from './facts'

/** The changes that put tokens on the revocation list; what is there already is asked for first. */
export function planRevocations(
  revoked: readonly Revocation[] = [],
  facts: Facts,
  further: Further,
): { readonly changes: readonly EntityChange[] } | Question {
  if (revoked.length === 0) return { changes: [] }
  const version = lookUp('counter', [REVOCATION_VERSION])
  const queries = revoked.map(({ tokenId }) => lookUp('revocation', [tokenId]))
  const answers = queries.map(further)
  const counted = further(version)
  if (counted === undefined || answers.includes(undefined)) return { ask: [version, ...queries] }
  const before = answers.flatMap((answer) => facts.all('revocation', answer))
  return { changes: revoke(revoked, before, facts.one('counter', counted)) }
}
