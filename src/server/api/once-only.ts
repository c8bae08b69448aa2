import { createHash } from 'node:crypto'
import { addDuration } from '../../domain/calendar'
import { isRecord } from '../../protocol/json'
import type { Call } from '../service/context'

/** What happens once for its key. */
export interface OnceOnly {
  /**
   * Names the reason for the call, 1 to 255 characters. For 30 days, asking again with the same key returns what was made the
   * first time.
   */
  readonly idempotencyKey?: string
}

/** For how long an in-process idempotency key is remembered: payment providers repeat themselves for days. */
const KEPT = { amount: 30, unit: 'day' } as const

/**
 * The call that happens once for its key; without one, the call as it is.
 * @param input as it was understood: what was written otherwise and means the same is the same
 */
export function onceOnly(call: Call, verb: string, { idempotencyKey, ...input }: OnceOnly, now: Date): Call {
  if (idempotencyKey === undefined) return call
  return {
    ...call,
    idempotency: {
      scope: `api:${verb}`,
      key: idempotencyKey,
      payloadHash: createHash('sha256').update(meaningOf(input)).digest('hex'),
      expiresAt: addDuration(now, KEPT),
    },
  }
}

/** One text for inputs that mean the same: in whatever order their fields are, and whether what is not set is left out or null. */
function meaningOf(input: object): string {
  const set = Object.entries(input).filter(([, value]) => value !== undefined && value !== null)
  return JSON.stringify(Object.fromEntries(set), (_, value: unknown) =>
    isRecord(value) ? Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1))) : value,
  )
}
