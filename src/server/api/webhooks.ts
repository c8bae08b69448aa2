import { type AuditEvent, EVENT_TYPES, type EventType } from '../../domain/event'
import { withoutUndefined } from '../../domain/fields'
import type { WebhookDelivery, WebhookEndpoint } from '../../domain/webhook'
import { LicenseError } from '../../protocol/license-error'
import { parseCreateWebhook, parseWebhookChanges } from '../../protocol/schemas/in-process'
import type { Page, PageRequest } from '../../storage/verbs/store'
import type { Call, ServiceContext } from '../service/context'
import { webhookMissing } from '../service/refusals'
import {
  type CreateWebhook,
  createWebhook,
  deleteWebhook,
  rotateWebhookSecret,
  updateWebhook,
  type WebhookChanges,
} from '../service/webhooks'

/** Webhooks of one account. */
export interface WebhooksApi {
  /**
   * Makes a webhook. The secret its receiver verifies signatures with is `secrets[0].secret`.
   * @throws {LicenseError} INVALID_REQUEST or MISSING_PARAMS when the input is, naming the field
   */
  create(input: CreateWebhook): Promise<WebhookEndpoint>
  /** Oldest first. */
  list(page: PageRequest): Promise<Page<WebhookEndpoint>>
  /**
   * Changes what is given. An inactive webhook's deliveries wait until it is active again.
   * @throws {LicenseError} WEBHOOK_NOT_FOUND, INVALID_REQUEST
   */
  update(webhookId: string, changes: WebhookChanges): Promise<WebhookEndpoint>
  /**
   * Gives it a new secret, `secrets[0]`; the one before goes on signing beside it for 24 hours.
   * @throws {LicenseError} WEBHOOK_NOT_FOUND
   */
  rotateSecret(webhookId: string): Promise<WebhookEndpoint>
  /**
   * Deletes it with its deliveries.
   * @throws {LicenseError} WEBHOOK_NOT_FOUND
   */
  delete(webhookId: string): Promise<void>
  /** Newest event first; delivered ones are kept for 7 days. */
  deliveries(
    filter: { readonly webhookId?: string; readonly status?: WebhookDelivery['status'] },
    page: PageRequest,
  ): Promise<Page<WebhookDelivery>>
  /**
   * Delivers an event again, in whatever state its delivery is.
   * @throws {LicenseError} WEBHOOK_NOT_FOUND when there is no such delivery
   */
  redeliver(deliveryId: string): Promise<void>
}

/** The audit log of one account. */
export interface EventsApi {
  /** In the order they happened. */
  list(filter: { readonly licenseId?: string }, page: PageRequest): Promise<Page<AuditEvent>>
}

/** What an installation says of its webhooks. */
export interface WebhookRules {
  /** @throws {LicenseError} INVALID_REQUEST with field `url` when events may not be sent there */
  checkUrl(url: string): void
  /** Tells whoever delivers that there is something to do. */
  wake(): void
}

export function createWebhooksApi(context: ServiceContext, call: Call, { checkUrl, wake }: WebhookRules): WebhooksApi {
  const { store } = context
  const { accountId } = call
  return {
    async create(input) {
      const { url, eventTypes } = parseCreateWebhook(input)
      checkUrl(url)
      return createWebhook(context, call, { url, eventTypes: requireTypes(eventTypes) ?? null })
    },
    async list(page) {
      return store.listWebhookEndpoints(accountId, page)
    },
    async update(webhookId, changes) {
      const { url, eventTypes, active } = parseWebhookChanges(changes)
      if (url !== undefined) checkUrl(url)
      const checked = { url, eventTypes: requireTypes(eventTypes), active }
      const endpoint = await updateWebhook(context, call, webhookId, withoutUndefined(checked))
      wake()
      return endpoint
    },
    rotateSecret: (webhookId) => rotateWebhookSecret(context, call, webhookId),
    delete: (webhookId) => deleteWebhook(context, call, webhookId),
    async deliveries({ webhookId, status }, page) {
      return store.listDeliveries(accountId, withoutUndefined({ endpointId: webhookId, status }), page)
    },
    async redeliver(deliveryId) {
      const { kind } = await store.redeliver(accountId, deliveryId, context.now())
      if (kind === 'gone') throw webhookMissing()
      wake()
    },
  }
}

export function createEventsApi({ store }: ServiceContext, { accountId }: Call): EventsApi {
  return {
    async list(filter, page) {
      return store.listEvents(accountId, filter, page)
    },
  }
}

function requireTypes(types: readonly string[] | null | undefined): readonly EventType[] | null | undefined {
  const unknown = types?.find((type) => !(EVENT_TYPES as readonly string[]).includes(type))
  if (unknown === undefined) return types as readonly EventType[] | null | undefined
  throw new LicenseError('INVALID_REQUEST', `eventTypes: there are no events of type ${unknown}`, {
    detail: { field: 'eventTypes' },
  })
}
