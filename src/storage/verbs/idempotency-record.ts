import { type EntityChange, type IdempotencyRecord, insert, replace } from '../../domain/decision'
import { isExpired } from '../../domain/license'
import { decodeOutcome, encodeOutcome } from '../outcome-codec'
import type { Idempotency, Replayable } from './store'

/** The outcome that is kept under an idempotency key; undefined where nothing is, or no longer. */
export function replayOf<O extends object>(
  record: IdempotencyRecord | null,
  { payloadHash }: Idempotency,
  now: Date,
): Replayable<O> | { readonly kind: 'idempotency-mismatch' } | undefined {
  if (record === null || isExpired(record.expiresAt, now)) return undefined
  if (record.payloadHash !== payloadHash) return { kind: 'idempotency-mismatch' }
  return { ...decodeOutcome<O>(record.outcome), replayed: { at: record.doneAt, note: record.note } }
}

/** Keeps a step's outcome under its idempotency key. */
export function keepOutcome(
  accountId: string,
  { scope, key, payloadHash, expiresAt, note }: Idempotency,
  outcome: object,
  doneAt: Date,
  before: IdempotencyRecord | null,
): EntityChange {
  const record = {
    accountId,
    scope,
    key,
    payloadHash,
    outcome: encodeOutcome(outcome),
    doneAt,
    note: note ?? null,
    expiresAt,
  }
  return before === null ? insert('idempotencyRecord', record) : replace('idempotencyRecord', before, record)
}
