import type { DeliveryStatus, WebhookEnvelope } from '../protocol/enumerations'
import type { AuditEvent, EventType } from './event'

/** What the vendor sets of a webhook. */
export interface WebhookTerms {
  /** Where to send events; `https:` unless the installation allows more. */
  readonly url: string
  /** The types it wants. Default null: all. */
  readonly eventTypes: readonly EventType[] | null
  /**
   * How an event is wrapped: `keyslot` as `verifyWebhook` reads it, `keymint` for receivers made for KeyMint. Default `keyslot`.
   */
  readonly envelope: WebhookEnvelope
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
  /** When the first of the attempts began that have failed since the last one that succeeded; null where the last one did. */
  readonly failingSince: Date | null
  /** Why it is inactive although nobody asked for that: its attempts have failed for days. Null otherwise. */
  readonly disabledReason: string | null
}

export interface WebhookSecret {
  readonly secret: string
  readonly createdAt: Date
  /** When it stops signing; null for the current one. */
  readonly expiresAt: Date | null
}

/** Those of the secrets that sign at `now`, newest first. */
export function signingAt(secrets: readonly WebhookSecret[], now: Date): readonly WebhookSecret[] {
  return secrets.filter(({ expiresAt }) => expiresAt === null || expiresAt > now)
}

/** How many webhooks an account may have. */
export const MAX_ENDPOINTS = 50

/** How long an old secret goes on signing, so that receivers can change theirs. */
const ROTATION_MS = 86_400_000

/** How many secrets sign beside each other at most: each is a part of a header. */
const MAX_SECRETS = 10

/** The secret of an endpoint that is given it at `now`. */
export function newSecret(secret: string, now: Date): WebhookSecret {
  return { secret, createdAt: now, expiresAt: null }
}

export type Rotation =
  | { readonly kind: 'updated'; readonly endpoint: WebhookEndpoint }
  /** So many secrets sign that none can be added before `retryAt`. */
  | { readonly kind: 'too-many'; readonly retryAt: Date }

/**
 * The endpoint with another secret, first of its secrets. Those before go on signing, each for 24 hours after the one that took
 * over from it: whatever secret was shown to somebody signs that long.
 */
export function rotateSecret(endpoint: WebhookEndpoint, secret: string, now: Date): Rotation {
  const [current, ...older] = endpoint.secrets
  const retiring = current && { ...current, expiresAt: new Date(now.getTime() + ROTATION_MS) }
  const signing = older.filter(({ expiresAt }) => expiresAt !== null && expiresAt > now)
  const retryAt = signing.at(MAX_SECRETS - 2)?.expiresAt ?? null
  if (retryAt !== null) return { kind: 'too-many', retryAt }
  const secrets = [newSecret(secret, now), ...(retiring ? [retiring] : []), ...signing]
  return { kind: 'updated', endpoint: { ...endpoint, secrets } }
}

/** How an attempt to reach an endpoint ended. */
export interface Attempt {
  readonly beganAt: Date
  /** Null where it succeeded. */
  readonly error: string | null
}

/**
 * The endpoint as it is after an attempt; the same object where nothing changes.
 * @param disableAfterMs for how long attempts may do nothing but fail; after that it is inactive
 */
export function afterAttempt(
  endpoint: WebhookEndpoint,
  { beganAt, error }: Attempt,
  disableAfterMs: number,
): WebhookEndpoint {
  if (error === null) return endpoint.failingSince === null ? endpoint : { ...endpoint, failingSince: null }
  const failingSince = endpoint.failingSince ?? beganAt
  if (endpoint.active && beganAt.getTime() - failingSince.getTime() >= disableAfterMs) {
    const disabledReason = `no attempt has succeeded since ${failingSince.toISOString()}; the last one: ${error}`
    return { ...endpoint, failingSince, active: false, disabledReason }
  }
  return endpoint.failingSince === null ? { ...endpoint, failingSince } : endpoint
}

/** The endpoint with other terms. Where it is made active or inactive, or leads elsewhere, what it failed at is over. */
export function withTerms(endpoint: WebhookEndpoint, changes: Partial<WebhookTerms>): WebhookEndpoint {
  const isAnew = changes.active !== undefined || changes.url !== undefined
  return { ...endpoint, ...changes, ...(isAnew && { failingSince: null, disabledReason: null }) }
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
/** Those that were given up are kept so long, to be sent again by hand. */
export const DEAD_KEPT_MS = 30 * 86_400_000

/** One delivery per event and endpoint. */
export function deliveryId(event: Pick<AuditEvent, 'id'>, endpoint: Pick<WebhookEndpoint, 'id'>): string {
  return `${event.id}.${endpoint.id}`
}

/** True when an endpoint is to be told of an event. */
export function wantsEvent(endpoint: WebhookEndpoint, type: EventType): boolean {
  return endpoint.active && (endpoint.eventTypes?.includes(type) ?? true)
}
