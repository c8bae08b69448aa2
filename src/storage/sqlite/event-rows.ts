import type { AuditEvent, PlannedEvent } from '../../domain/event'
import type { WebhookDelivery, WebhookEndpoint } from '../../domain/webhook'
import { decodeOutcome, encodeOutcome } from '../outcome-codec'
import { instant, json, parsed } from './columns'

/** Rows of the audit log, of webhook endpoints, and of what is on its way to them. */
export interface EventRow {
  readonly id: string
  readonly type: AuditEvent['type']
  readonly at: number
  readonly actor_id: string
  readonly actor_address: string | null
  readonly license_id: string | null
  readonly data: string
}

export function toEvent(row: EventRow, accountId: string): AuditEvent {
  return {
    id: row.id,
    accountId,
    type: row.type,
    at: new Date(row.at),
    actor: { id: row.actor_id, address: row.actor_address },
    licenseId: row.license_id,
    data: decodeOutcome(row.data),
  }
}

export function eventRecord(accountSeq: number, event: PlannedEvent, licenseId: string | null) {
  return {
    account_seq: accountSeq,
    id: event.id,
    type: event.type,
    at: event.at,
    actor_id: event.actor.id,
    actor_address: event.actor.address,
    license_id: licenseId,
    // The codec rather than plain JSON, so that instants stay instants.
    data: encodeOutcome(event.data),
  }
}

export interface EndpointRow {
  readonly seq: number
  readonly account_id: string
  readonly id: string
  readonly url: string
  readonly event_types: string | null
  readonly secrets: string
  readonly active: number
  readonly created_at: number
}

export function toEndpoint(row: EndpointRow): WebhookEndpoint {
  return {
    id: row.id,
    accountId: row.account_id,
    url: row.url,
    eventTypes: parsed(row.event_types),
    secrets: decodeOutcome(row.secrets),
    active: row.active === 1,
    createdAt: new Date(row.created_at),
  }
}

export function endpointRecord(endpoint: WebhookEndpoint) {
  return {
    id: endpoint.id,
    url: endpoint.url,
    event_types: json(endpoint.eventTypes),
    // They hold instants.
    secrets: encodeOutcome(endpoint.secrets),
    active: endpoint.active,
    created_at: endpoint.createdAt,
  }
}

/** A delivery with its event; `id` is the delivery's. */
export interface DeliveryRow extends EventRow {
  readonly event_id: string
  readonly endpoint_id: string
  readonly status: WebhookDelivery['status']
  readonly attempts: number
  readonly next_attempt_at: number
  readonly last_attempt_at: number | null
  readonly last_error: string | null
}

/** The columns of a {@link DeliveryRow}, and the tables they come from. */
export const DELIVERY_COLUMNS = `
  d.id, d.status, d.attempts, d.next_attempt_at, d.last_attempt_at, d.last_error, w.id AS endpoint_id,
  v.id AS event_id, v.type, v.at, v.actor_id, v.actor_address, v.license_id, v.data`
export const DELIVERY_TABLES = `
  webhook_deliveries d JOIN webhook_endpoints w ON w.seq = d.endpoint_seq JOIN events v ON v.seq = d.event_seq`

export function toDelivery(row: DeliveryRow, accountId: string): WebhookDelivery {
  return {
    id: row.id,
    accountId,
    endpointId: row.endpoint_id,
    event: toEvent({ ...row, id: row.event_id }, accountId),
    status: row.status,
    attempts: row.attempts,
    nextAttemptAt: new Date(row.next_attempt_at),
    lastAttemptAt: instant(row.last_attempt_at),
    lastError: row.last_error,
  }
}
