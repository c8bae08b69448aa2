import { createHash } from 'node:crypto'
import { addDuration } from '../../domain/calendar'
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

/** The call that happens once for its key; without one, the call as it is. */
export function onceOnly(call: Call, verb: string, { idempotencyKey, ...payload }: OnceOnly, now: Date): Call {
  if (idempotencyKey === undefined) return call
  return {
    ...call,
    idempotency: {
      scope: `api:${verb}`,
      key: idempotencyKey,
      payloadHash: createHash('sha256').update(JSON.stringify(payload)).digest('hex'),
      expiresAt: addDuration(now, KEPT),
    },
  }
}
