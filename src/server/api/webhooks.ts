import type { LicensingEvent } from '../../domain/event'
import { withoutUndefined } from '../../domain/fields'
import type { WebhookDelivery, WebhookEndpoint } from '../../domain/webhook'
import type { DeliveryStatus } from '../../protocol/enumerations'
import * as inputs from '../../protocol/schemas/in-process'
import { parserOf } from '../../protocol/schemas/parse-input'
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
import { parseDeliveryId, parseWebhookId } from './names'
import { parsePage } from './page'

/** Webhooks of one account. */
export interface WebhooksApi {
  /**
   * Makes a webhook. The secret its receiver verifies signatures with is `secrets[0].secret`.
   * @throws {LicenseError} INVALID_REQUEST or MISSING_PARAMS when the input is, naming the field; INVALID_REQUEST also when the
   *   account has 50 webhooks already
   */
  create(input: CreateWebhook): Promise<WebhookEndpoint>
  /** Oldest first. */
  list(page: PageRequest): Promise<Page<WebhookEndpoint>>
  /**
   * Changes what is given. An inactive webhook's deliveries wait until it is active again. One that was disabled because it
   * failed for days (`disabledReason`) is enabled with `{ active: true }`, and what waited goes out.
   * @throws {LicenseError} WEBHOOK_NOT_FOUND, INVALID_REQUEST
   */
  update(webhookId: string, changes: WebhookChanges): Promise<WebhookEndpoint>
  /**
   * Gives it a new secret, `secrets[0]`; the one before goes on signing beside it for 24 hours.
   * @throws {LicenseError} WEBHOOK_NOT_FOUND; RATE_LIMITED when 10 secrets sign beside each other already
   */
  rotateSecret(webhookId: string): Promise<WebhookEndpoint>
  /**
   * Deletes it with its deliveries.
   * @throws {LicenseError} WEBHOOK_NOT_FOUND
   */
  delete(webhookId: string): Promise<void>
  /** Newest event first; delivered ones are kept for 7 days. */
  deliveries(filter: DeliveryFilter, page: PageRequest): Promise<Page<WebhookDelivery>>
  /**
   * Delivers an event again, in whatever state its delivery is.
   * @throws {LicenseError} WEBHOOK_NOT_FOUND when there is no such delivery
   */
  redeliver(deliveryId: string): Promise<void>
}

interface DeliveryFilter {
  readonly webhookId?: string
  readonly status?: DeliveryStatus
}

interface EventFilter {
  readonly licenseId?: string
}

/** The audit log of one account. */
export interface EventsApi {
  /** In the order they happened. */
  list(filter: EventFilter, page: PageRequest): Promise<Page<LicensingEvent>>
}

/** What an installation says of its webhooks. */
export interface WebhookRules {
  /** @throws {LicenseError} INVALID_REQUEST with field `url` when events may not be sent there */
  checkUrl(url: string): void
  /** Tells whoever delivers that these accounts may have something to send. */
  wake(accountIds: readonly string[]): void
}

const parseCreateWebhook = parserOf<CreateWebhook>()(inputs.createWebhook)
const parseWebhookChanges = parserOf<WebhookChanges>()(inputs.webhookChanges)
const parseDeliveryFilter = parserOf<DeliveryFilter>()(inputs.deliveryFilter)
const parseEventFilter = parserOf<EventFilter>()(inputs.eventFilter)

export function createWebhooksApi(context: ServiceContext, call: Call, { checkUrl, wake }: WebhookRules): WebhooksApi {
  const { store } = context
  const { accountId } = call
  return {
    async create(input) {
      const parsed = parseCreateWebhook(input)
      checkUrl(parsed.url)
      return createWebhook(context, call, withoutUndefined(parsed))
    },
    async list(page) {
      return store.listWebhookEndpoints(accountId, parsePage(page))
    },
    async update(webhookId, changes) {
      const parsed = parseWebhookChanges(changes)
      if (parsed.url !== undefined) checkUrl(parsed.url)
      const endpoint = await updateWebhook(context, call, parseWebhookId(webhookId), withoutUndefined(parsed))
      wake([accountId])
      return endpoint
    },
    rotateSecret: async (webhookId) => rotateWebhookSecret(context, call, parseWebhookId(webhookId)),
    delete: async (webhookId) => deleteWebhook(context, call, parseWebhookId(webhookId)),
    async deliveries(filter, page) {
      const { webhookId, status } = parseDeliveryFilter(filter)
      return store.listDeliveries(accountId, withoutUndefined({ endpointId: webhookId, status }), parsePage(page))
    },
    async redeliver(deliveryId) {
      const { kind } = await store.redeliver(accountId, parseDeliveryId(deliveryId), context.now())
      if (kind === 'gone') throw webhookMissing()
      wake([accountId])
    },
  }
}

export function createEventsApi({ store }: ServiceContext, { accountId }: Call): EventsApi {
  return {
    async list(filter, page) {
      const found = await store.listEvents(accountId, withoutUndefined(parseEventFilter(filter)), parsePage(page))
      // Whoever plans an event gives the data of its type.
      return found as Page<LicensingEvent>
    },
  }
}
