import type { DeliveryStatus } from '../protocol/enumerations'
import type { AuditEvent, EventType } from './event'

/** What the vendor sets of a webhook. */
export interface WebhookTerms {
  /** Where to send events; `https:` unless the installation allows more. */
  readonly url: string
  /** The types it wants. Default null: all. */
  readonly eventTypes: readonly EventType[] | null
  /** Whether events are sent; they wait while they are not. Default true. */
  readonly active: boolean
}

/** Where an account's events are sent. */
export interface WebhookEndpoint extends WebhookTerms {
  readonly id: string
  readonly accountId: string
  /** Newest first. While a secret rotates there are several, and each signs. */
  readonly secrets: readonly WebhookSecret[]
  readonly createdAt: Date
}

export interface WebhookSecret {
  readonly secret: string
  readonly createdAt: Date
  /** When it stops signing; null for the current one. */
  readonly expiresAt: Date | null
}

/** How long an old secret goes on signing, so that receivers can change theirs. */
const ROTATION_MS = 86_400_000

/** The secret of an endpoint that is given it at `now`. */
export function newSecret(secret: string, now: Date): WebhookSecret {
  return { secret, createdAt: now, expiresAt: null }
}

/** The endpoint with another secret, first of its secrets. The one before goes on signing for 24 hours; older ones stop now. */
export function rotateSecret(endpoint: WebhookEndpoint, secret: string, now: Date): WebhookEndpoint {
  const [current] = endpoint.secrets
  const retiring = current && { ...current, expiresAt: new Date(now.getTime() + ROTATION_MS) }
  return { ...endpoint, secrets: [newSecret(secret, now), ...(retiring ? [retiring] : [])] }
}

/** One event on its way to one endpoint. */
export interface WebhookDelivery {
  readonly id: string
  readonly accountId: string
  readonly endpointId: string
  readonly event: AuditEvent
  /** `dead`: given up after the last attempt, until it is sent again by hand. */
  readonly status: DeliveryStatus
  /** How many attempts have begun. */
  readonly attempts: number
  /** When the next attempt is due; of a delivery under way, when it counts as lost. */
  readonly nextAttemptAt: Date
  /** When the last attempt began. */
  readonly lastAttemptAt: Date | null
  readonly lastError: string | null
}

/** Delivered ones are kept so long, for a person to look at. */
export const DELIVERED_KEPT_MS = 7 * 86_400_000

/** One delivery per event and endpoint. */
export function deliveryId(event: Pick<AuditEvent, 'id'>, endpoint: Pick<WebhookEndpoint, 'id'>): string {
  return `${event.id}.${endpoint.id}`
}

/** True when an endpoint is to be told of an event. */
export function wantsEvent(endpoint: WebhookEndpoint, type: EventType): boolean {
  return endpoint.active && (endpoint.eventTypes?.includes(type) ?? true)
}
