import type { EventFilter, LicensingEvent } from '../../domain/event'
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
import { each, type PageOptions, parsePage } from './page'

/** Webhooks of one account. */
export interface WebhooksApi {
  /**
   * Makes a webhook. The secret its receiver verifies signatures with is `secrets[0].secret`.
   * @throws {LicenseError} INVALID_REQUEST or MISSING_PARAMS when the input is, naming the field; INVALID_REQUEST also when the
   *   account has 50 webhooks already
   */
  create(input: CreateWebhook): Promise<WebhookEndpoint>
  /** Oldest first. */
  list(page?: PageOptions): Promise<Page<WebhookEndpoint>>
  /** Every webhook, oldest first. */
  each(): AsyncIterable<WebhookEndpoint, void, undefined>
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
  deliveries(filter?: DeliveryFilter, page?: PageOptions): Promise<Page<WebhookDelivery>>
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

/** The audit log of one account. */
export interface EventsApi {
  /**
   * In the order they happened, or the newest first. All events of the account, or of `licenseId`, are looked at to find those of
   * a `type` or `since` an instant.
   * @throws {LicenseError} INVALID_REQUEST, naming the field
   */
  list(filter?: EventFilter, page?: PageOptions): Promise<Page<LicensingEvent>>
  /**
   * Every event that is meant, read as it is walked: `for await (const event of events.each({ since }))`.
   * @throws {LicenseError} INVALID_REQUEST, naming the field
   */
  each(filter?: EventFilter): AsyncIterable<LicensingEvent, void, undefined>
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
    list: async (page) => store.listWebhookEndpoints(accountId, parsePage(page)),
    each: () => each((page) => store.listWebhookEndpoints(accountId, page)),
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
  const meant = (filter: EventFilter | undefined) => withoutUndefined(parseEventFilter(filter))
  const list = (filter: EventFilter, page: PageRequest) => store.listEvents(accountId, filter, page)
  return {
    // Whoever plans an event gives the data of its type.
    list: async (filter, page) => (await list(meant(filter), parsePage(page))) as Page<LicensingEvent>,
    each(filter) {
      const parsed = meant(filter)
      return each((page) => list(parsed, page)) as AsyncIterable<LicensingEvent, void, undefined>
    },
  }
}
