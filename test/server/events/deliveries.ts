import type { AuditEvent, PlannedEvent } from '../../../src/domain/event'
import type { WebhookEndpoint } from '../../../src/domain/webhook'
import { parseAllowedPrivateHosts } from '../../../src/server/events/webhook-url'
import type { ClaimedDelivery, Store } from '../../../src/storage/verbs/store'
import { ACCOUNT, NOW, newEndpoint, newEvent, newProduct } from '../../storage/verbs/kit/entities'

export const LOOPBACK = parseAllowedPrivateHosts(['127.0.0.1'])

export const EVENT: AuditEvent = {
  id: 'evt_one',
  accountId: ACCOUNT.id,
  type: 'license.activated',
  at: NOW,
  actor: { id: 'tok_actor', address: '203.0.113.9' },
  licenseId: 'lic_one',
  data: { productId: 'prod_editor', hostId: 'h1.host', note: 'grüße ✓' },
}

/** A delivery of {@link EVENT}, as a dispatcher takes it. */
export function claimedDelivery(url: string, endpoint: Partial<WebhookEndpoint> = {}): ClaimedDelivery {
  return {
    endpoint: newEndpoint('one', { url, ...endpoint }),
    delivery: {
      id: 'evt_one.hook_one',
      accountId: ACCOUNT.id,
      endpointId: 'hook_one',
      event: EVENT,
      status: 'pending',
      attempts: 1,
      nextAttemptAt: NOW,
      lastAttemptAt: NOW,
      lastError: null,
    },
  }
}

/** Stores an event as the services do: with a step. This one changes nothing else that is looked at here. */
export async function storeEvent(
  storage: Store,
  name: string,
  { at = NOW, ...changes }: Partial<PlannedEvent> = {},
): Promise<void> {
  const step = { now: at, events: { created: [newEvent(name, { at, ...changes })] } }
  await storage.insertProduct(ACCOUNT.id, newProduct(name, { createdAt: at }), step)
}

export async function storeEndpoint(
  storage: Store,
  url: string,
  changes: Partial<WebhookEndpoint> = {},
): Promise<WebhookEndpoint> {
  const endpoint = newEndpoint('one', { url, ...changes })
  await storage.insertWebhookEndpoint(endpoint.accountId, endpoint, { now: NOW })
  return endpoint
}
