import {
  type Decided,
  type DeliveryLine,
  type EntityChange,
  insert,
  type KeptDelivery,
  only,
  replace,
} from './decision'
import { lengthen, shorten } from './delivery-line'
import type { AuditEvent } from './event'
import { afterAttempt, type WebhookDelivery, type WebhookEndpoint } from './webhook'

/** A delivery that is due, with its event and where it goes. */
export interface DueDelivery {
  readonly delivery: KeptDelivery
  readonly event: AuditEvent
  readonly endpoint: WebhookEndpoint
}

/** A delivery under way, and where it goes. */
export interface TakenDelivery {
  readonly delivery: WebhookDelivery
  readonly endpoint: WebhookEndpoint
}

/** Takes deliveries that are due: each is due again when the lease ends, unless it was settled by then. */
export function decideTakeDeliveries(
  due: readonly DueDelivery[],
  now: Date,
  leaseEndsAt: Date,
): Decided<readonly TakenDelivery[]> {
  const taken = due.map((one) => {
    const { attempts } = one.delivery
    const lease = { attempts: attempts + 1, lastAttemptAt: now, nextAttemptAt: leaseEndsAt, dueAt: leaseEndsAt }
    return { ...one, after: { ...one.delivery, ...lease } }
  })
  return {
    outcome: taken.map(({ after, event, endpoint }) => ({ delivery: withEvent(after, event), endpoint })),
    changes: taken.map(({ delivery, after }) => replace('delivery', delivery, after)),
  }
}

/** The delivery as it is shown. */
export function withEvent(
  { eventId: _eventId, line: _line, dueAt: _dueAt, ...delivery }: KeptDelivery,
  event: AuditEvent,
): WebhookDelivery {
  return { ...delivery, event }
}

export type DeliveryResult =
  | { readonly kind: 'delivered' }
  | { readonly kind: 'failed'; readonly error: string; readonly retryAt: Date }
  | { readonly kind: 'dead'; readonly error: string }

/** What a settled attempt was about. */
export interface UnderWay {
  readonly delivery: KeptDelivery | null
  readonly endpoint: WebhookEndpoint | null
  readonly line: DeliveryLine | null
  /** The first pending delivery of the line besides this one. */
  readonly next: KeptDelivery | null
}

/** What settling an attempt comes to: `disabled` where its endpoint was made inactive, since it has failed for so long. */
export interface Settled {
  readonly kind: 'settled' | 'disabled'
}

/**
 * Settles an attempt, unless the delivery is gone or was taken again since. One that failed stays where it is in its line.
 *
 * @param disableAfterMs for how long attempts of an endpoint may do nothing but fail
 */
export function decideSettle(
  { delivery, endpoint, line, next }: UnderWay,
  attempts: number,
  result: DeliveryResult,
  disableAfterMs: number,
): Decided<Settled> {
  if (delivery?.status !== 'pending' || delivery.attempts !== attempts) return only({ kind: 'settled' })
  const changes = [...settle(delivery, line, next, result)]
  const error = result.kind === 'delivered' ? null : result.error
  if (endpoint === null || delivery.lastAttemptAt === null) return { outcome: { kind: 'settled' }, changes }
  const after = afterAttempt(endpoint, { beganAt: delivery.lastAttemptAt, error }, disableAfterMs)
  if (after !== endpoint) changes.push(replace('webhookEndpoint', endpoint, after))
  if (after.active === endpoint.active) return { outcome: { kind: 'settled' }, changes }
  return {
    outcome: { kind: 'disabled' },
    changes,
    told: { failingSince: after.failingSince, lastError: error },
  }
}

function settle(
  delivery: KeptDelivery,
  line: DeliveryLine | null,
  next: KeptDelivery | null,
  result: DeliveryResult,
): readonly EntityChange[] {
  if (result.kind === 'failed') {
    const { error: lastError, retryAt: nextAttemptAt } = result
    const dueAt = delivery.dueAt === null ? null : nextAttemptAt
    return [replace('delivery', delivery, { ...delivery, nextAttemptAt, lastError, dueAt })]
  }
  const lastError = result.kind === 'dead' ? result.error : null
  const settled = { ...delivery, status: result.kind, lastError, dueAt: null }
  return [replace('delivery', delivery, settled), ...shorten(delivery, line, next)]
}

/**
 * Sends a delivery again, in whatever state it is. Its place in the line is that of its event: those of later events wait
 * for it.
 *
 * @param head the delivery that goes out first now
 * @param isAhead true where its event is older than that of the head
 */
export function decideRedeliver(
  delivery: KeptDelivery,
  line: DeliveryLine | null,
  head: KeptDelivery | null,
  isAhead: boolean,
  now: Date,
): Decided<{ readonly kind: 'queued' }> {
  const outcome = { kind: 'queued' } as const
  const queued = { ...delivery, status: 'pending', attempts: 0, nextAttemptAt: now } as const
  if (delivery.status === 'pending') {
    const dueAt = delivery.dueAt === null ? null : now
    return { outcome, changes: [replace('delivery', delivery, { ...queued, dueAt })] }
  }
  const goesFirst = line === null || isAhead
  const longer = lengthen(delivery, line)
  const after = goesFirst ? { ...longer, head: delivery.id } : longer
  return {
    outcome,
    changes: [
      replace('delivery', delivery, { ...queued, dueAt: goesFirst ? now : null }),
      line === null ? insert('deliveryLine', after) : replace('deliveryLine', line, after),
      ...(goesFirst && head !== null ? [replace('delivery', head, { ...head, dueAt: null })] : []),
    ],
  }
}
