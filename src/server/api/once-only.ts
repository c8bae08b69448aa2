import { createHash } from 'node:crypto'
import { addDuration } from '../../domain/calendar'
import type { Call } from '../service/context'

/** For how long an in-process idempotency key is remembered: payment providers repeat themselves for days. */
const KEPT = { amount: 30, unit: 'day' } as const

/** The call that happens once for its key; without one, the call as it is. */
export function onceOnly(
  call: Call,
  verb: string,
  { idempotencyKey, ...payload }: { readonly idempotencyKey?: string | undefined },
  now: Date,
): Call {
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
