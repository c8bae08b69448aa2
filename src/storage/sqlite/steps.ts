import type { License } from '../../domain/license'
import type { Idempotency, Replayable, Step, StepResult } from '../contract'
import { decodeOutcome, encodeOutcome } from '../outcome-codec'
import { storeEvents } from './outbox'
import type { Store } from './store'

interface IdempotencyRow {
  readonly payload_hash: string
  readonly outcome: string
  readonly done_at: number
  readonly note: string | null
  readonly expires_at: number
}

const FIND_RECORD = `
  SELECT payload_hash, outcome, done_at, note, expires_at FROM idempotency_records
  WHERE account_seq = ? AND scope = ? AND key = ?`

/** Replaces a record past its time; one that still counts is never reached. */
const STORE_RECORD = `
  INSERT INTO idempotency_records (account_seq, scope, key, payload_hash, outcome, done_at, note, expires_at)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT DO UPDATE SET payload_hash = excluded.payload_hash, outcome = excluded.outcome,
    done_at = excluded.done_at, note = excluded.note, expires_at = excluded.expires_at`

/**
 * The one way every mutating verb runs: what it does, its events with their deliveries, and its idempotency record in
 * one transaction.
 * @param look reads first, where there is no idempotency record to keep; undefined leaves the answer to the step
 */
export function runStep<O extends { readonly kind: string }>(
  store: Store,
  accountId: string,
  step: Step<string>,
  work: () => O,
  look?: () => O | undefined,
): StepResult<O> {
  const { idempotency } = step
  if (idempotency === undefined) return store.write(happen, look)
  return store.write(() => {
    const seq = accountSeq(store, accountId)
    const earlier = findOutcome<O>(store, seq, idempotency, step.now)
    if (earlier !== undefined) return earlier
    const outcome = happen()
    const { scope, key, payloadHash, expiresAt, note = null } = idempotency
    const record = store.sql(STORE_RECORD)
    record.run(seq, scope, key, payloadHash, encodeOutcome(outcome), step.now, note, expiresAt)
    return outcome
  })

  function happen(): O {
    const outcome = work()
    const events = step.events?.[outcome.kind] ?? []
    if (events.length > 0) storeEvents(store, accountSeq(store, accountId), events, licenseIdOf(outcome))
    return outcome
  }
}

function findOutcome<O extends { readonly kind: string }>(
  store: Store,
  accountSeq: number,
  { scope, key, payloadHash }: Idempotency,
  now: Date,
): Replayable<O> | { readonly kind: 'idempotency-mismatch' } | undefined {
  const record = store.sql<IdempotencyRow>(FIND_RECORD).get(accountSeq, scope, key)
  if (record === undefined || record.expires_at <= now.getTime()) return undefined
  if (record.payload_hash !== payloadHash) return { kind: 'idempotency-mismatch' }
  return { ...decodeOutcome<O>(record.outcome), replayed: { at: new Date(record.done_at), note: record.note } }
}

/** What an event planned without a license is about: the one license of its outcome, if there is one. */
function licenseIdOf(outcome: object): string | null {
  return 'license' in outcome ? (outcome.license as License).id : null
}

/** @throws {Error} when there is no such account: only a caller that made it up can ask */
export function accountSeq(store: Store, accountId: string): number {
  const row = store.sql<{ seq: number }>('SELECT seq FROM accounts WHERE id = ?').get(accountId)
  if (row === undefined) throw new Error('No such account')
  return row.seq
}
