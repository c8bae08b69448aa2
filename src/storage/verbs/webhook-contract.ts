import type { TakenDelivery as ClaimedDelivery, DeliveryResult } from '../../domain/decide-delivery'
import type { WebhookDelivery, WebhookEndpoint } from '../../domain/webhook'
import type { Page, PageRequest, Step, StepResult, WebhookEndpointChanges } from './outcomes'

export interface WebhookVerbs {
  insertWebhookEndpoint(
    accountId: string,
    endpoint: WebhookEndpoint,
    step: Step<'created'>,
  ): StepResult<{ kind: 'created'; endpoint: WebhookEndpoint }>
  updateWebhookEndpoint(
    accountId: string,
    endpointId: string,
    changes: WebhookEndpointChanges,
    step: Step<'updated'>,
  ): StepResult<{ kind: 'updated'; endpoint: WebhookEndpoint } | { kind: 'gone' }>
  /** Gives the endpoint another secret: it becomes what `rotateSecret` makes of it. Of simultaneous calls, each takes over from the one before. */
  rotateWebhookSecret(
    accountId: string,
    endpointId: string,
    secret: string,
    step: Step<'updated'>,
  ): StepResult<{ kind: 'updated'; endpoint: WebhookEndpoint } | { kind: 'gone' }>
  /** Deletes the endpoint with its deliveries. */
  deleteWebhookEndpoint(
    accountId: string,
    endpointId: string,
    step: Step<'deleted'>,
  ): StepResult<{ kind: 'deleted' } | { kind: 'gone' }>
  /** Oldest first. */
  listWebhookEndpoints(accountId: string, page: PageRequest): Promise<Page<WebhookEndpoint>>
  /**
   * Takes deliveries that are due, of all accounts, oldest event first, at most `limit`. Every event stored makes, in
   * the same step, a `pending` delivery (named by `deliveryId`, due at the event's `at`) for each endpoint of its account
   * that `wantsEvent`.
   *
   * Taking one counts an attempt, sets `lastAttemptAt` to `now` and `nextAttemptAt` to `leaseEndsAt`, so that no two
   * callers hold the same; if the taker dies, it is due again then. While a delivery is pending, later ones for the same
   * endpoint and license are not taken: order per license is kept. Those of events without a license wait for none.
   * Deliveries of inactive endpoints wait.
   */
  claimDeliveries(now: Date, leaseEndsAt: Date, limit: number): Promise<readonly ClaimedDelivery[]>
  /**
   * Stores how an attempt ended; `delivered` clears `lastError`. Does nothing when the delivery is gone, or was taken
   * again since (other `attempts`).
   */
  settleDelivery(deliveryId: string, attempts: number, result: DeliveryResult): Promise<void>
  /** Newest event first. */
  listDeliveries(
    accountId: string,
    filter: { readonly endpointId?: string; readonly status?: WebhookDelivery['status'] },
    page: PageRequest,
  ): Promise<Page<WebhookDelivery>>
  /** Makes a delivery, in whatever state, pending and due at `now`, with no attempts. */
  redeliver(accountId: string, deliveryId: string, now: Date): Promise<{ readonly kind: 'queued' | 'gone' }>
}
