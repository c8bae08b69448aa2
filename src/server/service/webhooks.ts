import type { EventType } from '../../domain/event'
import { createId, randomText } from '../../domain/random'
import type { WebhookEndpoint, WebhookSecret } from '../../domain/webhook'
import { type Call, planEvent, planStep, type ServiceContext, settle } from './context'
import { webhookMissing } from './refusals'

export interface CreateWebhook {
  /** Where to send events; `https:` unless the installation allows more. */
  readonly url: string
  /** The types it wants. Default all. */
  readonly eventTypes?: readonly EventType[] | null
}

export interface WebhookChanges {
  readonly url?: string
  readonly eventTypes?: readonly EventType[] | null
  readonly active?: boolean
}

/** How long an old secret goes on signing, so that receivers can change theirs. */
const ROTATION_MS = 86_400_000

/** Makes a webhook. Its secret is in what comes back. */
export async function createWebhook(
  context: ServiceContext,
  call: Call,
  { url, eventTypes = null }: CreateWebhook,
): Promise<WebhookEndpoint> {
  const now = context.now()
  const endpoint: WebhookEndpoint = {
    id: createId('wh', context.random),
    accountId: call.accountId,
    url,
    eventTypes,
    secrets: [newSecret(context, now)],
    active: true,
    createdAt: now,
  }
  const event = planEvent(context, call, now, 'webhook.created', { webhookId: endpoint.id })
  const step = planStep(call, now, { created: [event] })
  return (await settle(call, context.store.insertWebhookEndpoint(call.accountId, endpoint, step))).endpoint
}

/**
 * Changes a webhook. An inactive one's deliveries wait until it is active again.
 * @throws {LicenseError} WEBHOOK_NOT_FOUND
 */
export function updateWebhook(
  context: ServiceContext,
  call: Call,
  webhookId: string,
  changes: WebhookChanges,
): Promise<WebhookEndpoint> {
  return change(context, call, webhookId, changes)
}

/**
 * Gives a webhook a new secret, which is first in what comes back. The one before goes on signing for 24 hours beside
 * it; older ones stop now.
 * @throws {LicenseError} WEBHOOK_NOT_FOUND
 */
export async function rotateWebhookSecret(
  context: ServiceContext,
  call: Call,
  webhookId: string,
): Promise<WebhookEndpoint> {
  const now = context.now()
  const [current] = (await findWebhook(context, call, webhookId)).secrets
  const retiring = current && { ...current, expiresAt: new Date(now.getTime() + ROTATION_MS) }
  return change(context, call, webhookId, { secrets: [newSecret(context, now), ...(retiring ? [retiring] : [])] })
}

/**
 * Deletes a webhook with its deliveries.
 * @throws {LicenseError} WEBHOOK_NOT_FOUND
 */
export async function deleteWebhook(context: ServiceContext, call: Call, webhookId: string): Promise<void> {
  const now = context.now()
  const event = planEvent(context, call, now, 'webhook.deleted', { webhookId })
  const step = planStep(call, now, { deleted: [event] })
  const outcome = await settle(call, context.store.deleteWebhookEndpoint(call.accountId, webhookId, step))
  if (outcome.kind === 'gone') throw webhookMissing()
}

/**
 * A webhook of the account.
 * @throws {LicenseError} WEBHOOK_NOT_FOUND
 */
async function findWebhook(context: ServiceContext, call: Call, webhookId: string): Promise<WebhookEndpoint> {
  const { items } = await context.store.listWebhookEndpoints(call.accountId, { limit: MAX_WEBHOOKS })
  const found = items.find(({ id }) => id === webhookId)
  if (found === undefined) throw webhookMissing()
  return found
}

/** More than any account has. */
const MAX_WEBHOOKS = 1000

async function change(
  context: ServiceContext,
  call: Call,
  webhookId: string,
  changes: WebhookChanges & { readonly secrets?: readonly WebhookSecret[] },
): Promise<WebhookEndpoint> {
  const now = context.now()
  const event = planEvent(context, call, now, 'webhook.updated', { webhookId, fields: Object.keys(changes) })
  const step = planStep(call, now, { updated: [event] })
  const outcome = await settle(call, context.store.updateWebhookEndpoint(call.accountId, webhookId, changes, step))
  if (outcome.kind === 'gone') throw webhookMissing()
  return outcome.endpoint
}

function newSecret(context: ServiceContext, now: Date): WebhookSecret {
  return { secret: `whsec_${randomText(context.random, 32)}`, createdAt: now, expiresAt: null }
}
