import { createId, type RandomBytes } from '../../domain/random'
import type { WebhookEndpoint } from '../../domain/webhook'
import type { DeliveryResult, Disabling } from '../../storage/verbs/store'
import { retryDelayMs } from './retry-delay'
import type { SendResult } from './webhook-sender'

/** What becomes of attempts that fail. */
export interface FailureRules {
  readonly now: () => Date
  readonly random: RandomBytes
  readonly maxAttempts: number
  readonly disableAfterMs: number
}

/** What an attempt comes to for its delivery. */
export function judge(attempts: number, sent: SendResult, rules: FailureRules): DeliveryResult {
  if (sent.ok) return { kind: 'delivered' }
  const { error } = sent
  if (attempts >= rules.maxAttempts) return { kind: 'dead', error }
  return { kind: 'failed', error, retryAt: new Date(rules.now().getTime() + retryDelayMs(attempts, rules.random)) }
}

/** What an attempt may come to for its endpoint, which has failed for so long; undefined where it may not. */
export function planDisabling(
  { id: webhookId, accountId, failingSince }: WebhookEndpoint,
  sent: SendResult,
  { now, random, disableAfterMs }: FailureRules,
): Disabling | undefined {
  const at = now()
  if (sent.ok || failingSince === null || at.getTime() - failingSince.getTime() < disableAfterMs) return undefined
  const actor = { id: 'webhooks', address: null }
  const event = { id: createId('evt', random), type: 'webhook.disabled', at, actor, data: { webhookId } } as const
  return { accountId, afterMs: disableAfterMs, step: { now: at, events: { disabled: [event] } } }
}
