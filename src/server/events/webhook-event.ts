import type { AuditEvent, EventType } from '../../domain/event'

/** What a webhook receives: an event without who caused it. Never holds a license key, a token or a secret. */
export interface WebhookEvent {
  /** The same in every delivery and every attempt: a receiver that has seen it can skip it. */
  readonly id: string
  readonly type: EventType
  readonly createdAt: Date
  readonly accountId: string
  /** The license it is about, if any. */
  readonly licenseId: string | null
  readonly data: Readonly<Record<string, unknown>>
}

/** The JSON text that is sent, and signed. */
export function renderWebhookEvent({ id, type, at, accountId, licenseId, data }: AuditEvent): string {
  return JSON.stringify({ id, type, createdAt: at, accountId, data, licenseId })
}

/** The event in a body {@link renderWebhookEvent} made, or null when the text is something else. */
export function parseWebhookEvent(text: string): WebhookEvent | null {
  let body: unknown
  try {
    body = JSON.parse(text)
  } catch {
    return null
  }
  if (!isEventBody(body)) return null
  const { id, type, accountId, licenseId, data } = body
  return { id, type, createdAt: new Date(body.createdAt), accountId, licenseId, data }
}

type EventBody = Omit<WebhookEvent, 'createdAt'> & { readonly createdAt: string }

/** `type` may be one of a later version: receivers get to see it. */
function isEventBody(body: unknown): body is EventBody {
  if (!isObject(body)) return false
  const { id, type, createdAt, accountId, licenseId, data } = body
  return (
    [id, type, createdAt, accountId].every((value) => typeof value === 'string') &&
    (licenseId === null || typeof licenseId === 'string') &&
    isObject(data)
  )
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
