import type { TakenDelivery as ClaimedDelivery, DeliveryResult, Settled } from '../../domain/decide-delivery'
import type { Rotation, WebhookDelivery, WebhookEndpoint } from '../../domain/webhook'
import type { FoundPage, Page, PageRequest, Step, StepResult, WalkRequest, WebhookEndpointChanges } from './outcomes'

/** Which endpoints to look at: those of an account, or all behind the place of one; null for the beginning. */
export type Among = { readonly accountId: string } | { readonly after: string | null }

interface DueEndpoint {
  readonly id: string
  readonly accountId: string
  /** Whether its last attempt failed. */
  readonly isFailing: boolean
}

export interface DueEndpoints {
  readonly endpoints: readonly DueEndpoint[]
  /** Where the next stretch begins; null after the last. */
  readonly next: string | null
}

/** When to disable an endpoint, and the step that tells of it. */
export interface Disabling {
  readonly accountId: string
  /** For how long its attempts may do nothing but fail. */
  readonly afterMs: number
  readonly step: Step<'disabled'>
}

export interface WebhookVerbs {
  /** An account has `MAX_ENDPOINTS` at most. */
  insertWebhookEndpoint(
    accountId: string,
    endpoint: WebhookEndpoint,
    step: Step<'created'>,
  ): StepResult<{ kind: 'created'; endpoint: WebhookEndpoint } | { kind: 'too-many' }>
  /** The endpoint becomes what `withTerms` makes of it. */
  updateWebhookEndpoint(
    accountId: string,
    endpointId: string,
    changes: WebhookEndpointChanges,
    step: Step<'updated'>,
  ): StepResult<{ kind: 'updated'; endpoint: WebhookEndpoint } | { kind: 'gone' }>
  /**
   * Gives the endpoint another secret: it becomes what `rotateSecret` makes of it, if that can be. Of
   * simultaneous calls, each takes over from the one before.
   */
  rotateWebhookSecret(
    accountId: string,
    endpointId: string,
    secret: string,
    step: Step<'updated'>,
  ): StepResult<Rotation | { kind: 'gone' }>
  /** Deletes the endpoint with its deliveries. */
  deleteWebhookEndpoint(
    accountId: string,
    endpointId: string,
    step: Step<'deleted'>,
  ): StepResult<{ kind: 'deleted' } | { kind: 'gone' }>
  /** Oldest first. */
  listWebhookEndpoints(accountId: string, page: PageRequest | WalkRequest): Promise<FoundPage<WebhookEndpoint>>
  /** Which active endpoints have deliveries that are due: one stretch of all, or those of an account. */
  findDueEndpoints(now: Date, among: Among, limit: number): Promise<DueEndpoints>
  /**
   * Takes deliveries of an endpoint that are due, those that have been due longest first, at most `limit`. Every event
   * stored makes, in the same step, a `pending` delivery (named by `deliveryId`, due at the event's `at`) for each endpoint
   * of its account that `wantsEvent`.
   *
   * Taking one counts an attempt, sets `lastAttemptAt` to `now` and `nextAttemptAt` to `leaseEndsAt`, so that no two
   * callers hold the same; if the taker dies, it is due again then. While a delivery is pending, later ones for the same
   * endpoint and license are not taken: order per license is kept. Those of events without a license wait for none.
   * Deliveries of inactive endpoints wait.
   */
  claimDeliveries(endpointId: string, now: Date, leaseEndsAt: Date, limit: number): Promise<readonly ClaimedDelivery[]>
  /**
   * Stores how an attempt ended; `delivered` clears `lastError`. Does nothing when the delivery is gone, or was taken
   * again since (other `attempts`). Its endpoint becomes what `afterAttempt` makes of it.
   *
   * @param disabling when to disable its endpoint, and what is to be told then; default never
   */
  settleDelivery(deliveryId: string, attempts: number, result: DeliveryResult, disabling?: Disabling): Promise<Settled>
  /** Newest event first. */
  listDeliveries(
    accountId: string,
    filter: { readonly endpointId?: string; readonly status?: WebhookDelivery['status'] },
    page: PageRequest,
  ): Promise<Page<WebhookDelivery>>
  /** Makes a delivery, in whatever state, pending and due at `now`, with no attempts. */
  redeliver(accountId: string, deliveryId: string, now: Date): Promise<{ readonly kind: 'queued' | 'gone' }>
}
