import type { PlannedEvent } from '../../domain/event'
import { deliveryId, wantsEvent } from '../../domain/webhook'
import { type EndpointRow, eventRecord, toEndpoint } from './event-rows'
import type { Store } from './store'

// For use inside a step: how events are stored with their deliveries, and how deliveries wait for each other.

export const ENDPOINT_COLUMNS = '(SELECT a.id FROM accounts a WHERE a.seq = w.account_seq) AS account_id, w.*'

/**
 * Appends events, and a delivery of each for every endpoint that wants it. An account without endpoints pays one look
 * into an index.
 * @param licenseId the license of those that name none
 */
export function storeEvents(
  store: Store,
  accountSeq: number,
  events: readonly PlannedEvent[],
  licenseId: string | null,
) {
  const text = `SELECT ${ENDPOINT_COLUMNS} FROM webhook_endpoints w WHERE w.account_seq = ? AND w.active = 1`
  const endpoints = store.sql<EndpointRow>(text).all(accountSeq)
  const targets = endpoints.map((row) => ({ seq: row.seq, endpoint: toEndpoint(row) }))
  for (const event of events) {
    const about = event.licenseId ?? licenseId
    const eventSeq = store.insert('events', eventRecord(accountSeq, event, about))
    for (const { seq, endpoint } of targets) {
      if (!wantsEvent(endpoint, event.type)) continue
      const id = deliveryId(event, endpoint)
      // What is about no license waits for nothing: it is a line of its own.
      joinLine(store, { endpoint_seq: seq, line: about ?? id }, { id, event_seq: eventSeq, at: event.at })
    }
  }
}

interface NewDelivery {
  readonly id: string
  readonly event_seq: number
  readonly at: Date
}

function joinLine(store: Store, { endpoint_seq, line }: Place, { id, event_seq, at }: NewDelivery) {
  const due_at = dueInLine(store, { endpoint_seq, line }, at)
  const fresh = { status: 'pending', attempts: 0, next_attempt_at: at, due_at }
  store.insert('webhook_deliveries', { endpoint_seq, event_seq, id, line, ...fresh })
}

/** Where a delivery waits: those of one endpoint about one license go out one after the other. */
export interface Place {
  readonly endpoint_seq: number
  readonly line: string
}

/** The `due_at` of a pending delivery that goes to the end of a line: null where others wait before it. */
export function dueInLine(store: Store, place: Place, nextAttemptAt: Date): Date | null {
  return firstInLine(store, place) === undefined ? nextAttemptAt : null
}

/** Does `change`, which may end or begin a wait, and sees to it that afterwards the first in line is due, and it alone. */
export function changeLine(store: Store, place: Place, change: () => void) {
  const before = firstInLine(store, place)
  if (before !== undefined) store.sql('UPDATE webhook_deliveries SET due_at = NULL WHERE seq = ?').run(before)
  change()
  const after = firstInLine(store, place)
  if (after === undefined) return
  store.sql('UPDATE webhook_deliveries SET due_at = next_attempt_at WHERE seq = ?').run(after)
}

function firstInLine(store: Store, { endpoint_seq, line }: Place): number | undefined {
  const text = `
    SELECT seq FROM webhook_deliveries WHERE endpoint_seq = ? AND status = 'pending' AND line = ? ORDER BY seq LIMIT 1`
  return store.sql<{ seq: number }>(text).get(endpoint_seq, line)?.seq
}
