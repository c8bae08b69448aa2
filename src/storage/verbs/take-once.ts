import { type EntityChange, insert } from '../../domain/decision'
import { LicenseError } from '../../protocol/license-error'
import type { Query } from '../contract'
import type { Further } from '../stepper/questions'
import type { Question } from '../stepper/stepper'
import { type Facts, lookUp } from './facts'
import { Later } from './later'
import type { ShownOnce } from './store'

/** No idempotency key has this scope: those of requests begin with a token's id, those of calls in process with `api:`. */
const SCOPE = 'proof'

/** What {@link takeOnce} asks. */
export function lookForTaken(accountId: string, { name }: ShownOnce): Query {
  return lookUp('idempotencyRecord', [accountId, SCOPE, name])
}

/**
 * The change that uses a proof up for every instance, in the set of the step that it serves for: of two at once one is
 * written. It is kept among the idempotency records, and goes with them.
 *
 * @throws {LicenseError} PROOF_INVALID where it was used up before
 */
export function takeOnce(
  accountId: string,
  shown: ShownOnce,
  { facts, further, now }: { readonly facts: Facts; readonly further: Further; readonly now: Date },
): { readonly changes: readonly EntityChange[] } | Question {
  const later = new Later(further)
  const before = facts.one('idempotencyRecord', later.answer(lookForTaken(accountId, shown)))
  if (before !== null) throw new LicenseError('PROOF_INVALID', 'The proof of possession was used before')
  const names = { accountId, scope: SCOPE, key: shown.name, payloadHash: '' }
  const record = { ...names, outcome: '{}', doneAt: now, note: null, expiresAt: shown.endsAt }
  return later.orAsk({ changes: [insert('idempotencyRecord', record)] })
}
