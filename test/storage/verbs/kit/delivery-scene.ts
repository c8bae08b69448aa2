import assert from 'node:assert/strict'
import type { WebhookDelivery } from '../../../../src/domain/webhook'
import type { DeliveryResult, Store } from '../../../../src/storage/verbs/store'
import { ACCOUNT, ALL, after, HOUR_MS, NOW, newEndpoint, newEvent, newProduct } from './entities'
import { takeAll } from './take-all'

/** When what is taken counts as lost, where a test gives no time of its own. */
export const LEASE_ENDS_AT = after(HOUR_MS)

/** An attempt that is tried again a minute later. */
export const FAILED = { kind: 'failed', error: 'HTTP 500', retryAt: after(60_000) } as const

/** An account with endpoints of these names and a product to hang events on. */
export async function listening(storage: Store, ...names: readonly string[]): Promise<void> {
  await storage.insertProduct(ACCOUNT.id, newProduct('editor'), { now: NOW })
  for (const name of names) await storage.insertWebhookEndpoint(ACCOUNT.id, newEndpoint(name), { now: NOW })
}

/** Stores an event; of a license, or of none. */
export async function happen(storage: Store, name: string, licenseId?: string, at = NOW): Promise<void> {
  const event = newEvent(name, licenseId === undefined ? { at } : { at, licenseId })
  await storage.updateProduct(ACCOUNT.id, 'prod_editor', {}, { now: at, events: { updated: [event] } })
}

/** Takes what is due; names it by event and endpoint, such as `a.plain`. */
export async function take(storage: Store, now = NOW, limit = 100, leaseEndsAt = LEASE_ENDS_AT): Promise<string[]> {
  const claimed = await takeAll(storage, now, leaseEndsAt, limit)
  return claimed.map(({ delivery }) => delivery.id.replace('evt_', '').replace('hook_', ''))
}

/** Settles the delivery of an event to the endpoint `plain`. */
export async function settle(storage: Store, event: string, attempts: number, result: DeliveryResult): Promise<void> {
  await storage.settleDelivery(`evt_${event}.hook_plain`, attempts, result)
}

export async function stored(storage: Store, event: string): Promise<WebhookDelivery> {
  const { items } = await storage.listDeliveries(ACCOUNT.id, {}, ALL)
  const delivery = items.find(({ id }) => id === `evt_${event}.hook_plain`)
  assert.ok(delivery, `the delivery of ${event} is stored`)
  return delivery
}
