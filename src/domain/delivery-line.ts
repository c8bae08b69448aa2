import { type DeliveryLine, type EntityChange, insert, type KeptDelivery, remove, replace } from './decision'
import type { AuditEvent } from './event'
import { deliveryId, type WebhookEndpoint } from './webhook'

/** An event, and an endpoint that wants to be told of it. */
export interface Wanted {
  readonly event: AuditEvent
  readonly endpoint: WebhookEndpoint
}

/** Deliveries about one license go out in order; a delivery about none waits for no other. */
export function lineOf({ event, endpoint }: Wanted): string {
  return event.licenseId ?? deliveryId(event, endpoint)
}

/**
 * A delivery for each, at the end of its line.
 *
 * @param kept the lines that are kept of those that the deliveries join
 */
export function queueDeliveries(wanted: readonly Wanted[], kept: readonly DeliveryLine[]): readonly EntityChange[] {
  const changes: EntityChange[] = []
  const joined: DeliveryLine[] = []
  for (const one of wanted) {
    const isSame = (line: DeliveryLine) => line.endpointId === one.endpoint.id && line.line === lineOf(one)
    const index = joined.findIndex(isSame)
    const line = joined[index] ?? kept.find(isSame) ?? null
    const delivery = startDelivery(one, line === null)
    changes.push(insert('delivery', delivery))
    joined.splice(index === -1 ? joined.length : index, 1, lengthen(delivery, line))
  }
  for (const after of joined) {
    const before = kept.find(({ endpointId, line }) => endpointId === after.endpointId && line === after.line)
    changes.push(before === undefined ? insert('deliveryLine', after) : replace('deliveryLine', before, after))
  }
  return changes
}

function startDelivery(wanted: Wanted, isHead: boolean): KeptDelivery {
  const { event, endpoint } = wanted
  return {
    id: deliveryId(event, endpoint),
    accountId: event.accountId,
    endpointId: endpoint.id,
    eventId: event.id,
    line: lineOf(wanted),
    status: 'pending',
    attempts: 0,
    nextAttemptAt: event.at,
    lastAttemptAt: null,
    lastError: null,
    dueAt: isHead ? event.at : null,
  }
}

/** The line with one more pending delivery, which is its head where there was none. */
export function lengthen({ id, endpointId, line }: KeptDelivery, before: DeliveryLine | null): DeliveryLine {
  return { endpointId, line, pending: (before?.pending ?? 0) + 1, head: before?.head ?? id }
}

/**
 * What changes where a delivery of a line is pending no more. Where it was the head, the next one goes out when its own
 * time comes.
 */
export function shorten(
  { id }: KeptDelivery,
  line: DeliveryLine | null,
  next: KeptDelivery | null,
): readonly EntityChange[] {
  if (line === null) return []
  if (next === null) return [remove('deliveryLine', line)]
  const shorter = { ...line, pending: line.pending - 1 }
  if (line.head !== id) return [replace('deliveryLine', line, shorter)]
  return [
    replace('deliveryLine', line, { ...shorter, head: next.id }),
    replace('delivery', next, { ...next, dueAt: next.nextAttemptAt }),
  ]
}
