import { createId } from '../../domain/random'
import { newSecret, type WebhookEndpoint, type WebhookTerms } from '../../domain/webhook'
import type { Step } from '../../storage/verbs/store'
import { type Call, planEvent, planStep, type ServiceContext, settle } from './context'
import { tooManySecrets, tooManyWebhooks, webhookMissing } from './refusals'

export interface CreateWebhook extends Partial<WebhookTerms> {
  readonly url: string
}

/** What is given is changed; absent stays. */
export interface WebhookChanges extends Partial<WebhookTerms> {}

/**
 * Makes a webhook. Its secret is in what comes back.
 * @throws {LicenseError} INVALID_REQUEST when the account has as many as it may have
 */
export async function createWebhook(
  context: ServiceContext,
  call: Call,
  { url, eventTypes = null, envelope = 'keyslot', active = true }: CreateWebhook,
): Promise<WebhookEndpoint> {
  const now = context.now()
  const endpoint: WebhookEndpoint = {
    id: createId('wh', context.random),
    accountId: call.accountId,
    url,
    eventTypes,
    envelope,
    secrets: [newSecret(drawSecret(context), now)],
    active,
    createdAt: now,
    failingSince: null,
    disabledReason: null,
  }
  const event = planEvent(context, call, now, 'webhook.created', { webhookId: endpoint.id })
  const step = planStep(call, now, { created: [event] })
  const outcome = await settle(call, context.store.insertWebhookEndpoint(call.accountId, endpoint, step))
  if (outcome.kind === 'too-many') throw tooManyWebhooks()
  return outcome.endpoint
}

/**
 * Changes a webhook. An inactive one's deliveries wait until it is active again.
 * @throws {LicenseError} WEBHOOK_NOT_FOUND
 */
export async function updateWebhook(
  context: ServiceContext,
  call: Call,
  webhookId: string,
  changes: WebhookChanges,
): Promise<WebhookEndpoint> {
  const step = planUpdate(context, call, webhookId, Object.keys(changes))
  return requireWebhook(
    await settle(call, context.store.updateWebhookEndpoint(call.accountId, webhookId, changes, step)),
  )
}

/**
 * Gives a webhook a new secret, which is first in what comes back. The one before goes on signing for 24 hours beside it, and
 * older ones until their own 24 hours are over.
 * @throws {LicenseError} WEBHOOK_NOT_FOUND; RATE_LIMITED when as many secrets sign as may
 */
export async function rotateWebhookSecret(
  context: ServiceContext,
  call: Call,
  webhookId: string,
): Promise<WebhookEndpoint> {
  const step = planUpdate(context, call, webhookId, ['secrets'])
  const secret = drawSecret(context)
  const outcome = await settle(call, context.store.rotateWebhookSecret(call.accountId, webhookId, secret, step))
  if (outcome.kind === 'too-many') throw tooManySecrets(outcome.retryAt, step.now)
  return requireWebhook(outcome)
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

function planUpdate(
  context: ServiceContext,
  call: Call,
  webhookId: string,
  fields: readonly string[],
): Step<'updated'> {
  const now = context.now()
  return planStep(call, now, { updated: [planEvent(context, call, now, 'webhook.updated', { webhookId, fields })] })
}

function requireWebhook(
  outcome: { readonly kind: 'updated'; readonly endpoint: WebhookEndpoint } | { readonly kind: 'gone' },
): WebhookEndpoint {
  if (outcome.kind === 'gone') throw webhookMissing()
  return outcome.endpoint
}

/** In plain base64, as libraries of Standard Webhooks decode it. */
function drawSecret({ random }: ServiceContext): string {
  return `whsec_${Buffer.from(random(32)).toString('base64')}`
}
