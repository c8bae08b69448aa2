import { rotateSecret, type WebhookDelivery } from '../../../../../src/domain/webhook'
import type { ClaimedDelivery, DeliveryResult } from '../../../../../src/storage/verbs/store'
import type { WebhookVerbs } from '../../../../../src/storage/verbs/webhook-contract'
import type { Handle } from './handle'
import { oldestFirst, pageOf } from './lists'
import { owned, ownedBy, refuseTakenId, type Tables } from './tables'

export function webhookVerbs(handle: Handle): WebhookVerbs {
  return {
    insertWebhookEndpoint: (accountId, endpoint, step) =>
      handle.mutate(accountId, step, ({ webhookEndpoints }) => {
        refuseTakenId(webhookEndpoints, endpoint)
        const stored = structuredClone(endpoint)
        webhookEndpoints.set(stored.id, stored)
        return { kind: 'created', endpoint: stored }
      }),

    updateWebhookEndpoint: (accountId, endpointId, changes, step) =>
      handle.mutate(accountId, step, ({ webhookEndpoints }) => {
        const endpoint = owned(webhookEndpoints, endpointId, accountId)
        if (endpoint === null) return { kind: 'gone' }
        const updated = { ...endpoint, ...structuredClone(changes) }
        webhookEndpoints.set(endpointId, updated)
        return { kind: 'updated', endpoint: updated }
      }),

    rotateWebhookSecret: (accountId, endpointId, secret, step) =>
      handle.mutate(accountId, step, ({ webhookEndpoints }) => {
        const endpoint = owned(webhookEndpoints, endpointId, accountId)
        if (endpoint === null) return { kind: 'gone' }
        const updated = structuredClone(rotateSecret(endpoint, secret, step.now))
        webhookEndpoints.set(endpointId, updated)
        return { kind: 'updated', endpoint: updated }
      }),

    deleteWebhookEndpoint: (accountId, endpointId, step) =>
      handle.mutate(accountId, step, ({ deliveries, webhookEndpoints }) => {
        if (owned(webhookEndpoints, endpointId, accountId) === null) return { kind: 'gone' }
        webhookEndpoints.delete(endpointId)
        for (const { id, endpointId: of } of deliveries.values()) if (of === endpointId) deliveries.delete(id)
        return { kind: 'deleted' }
      }),

    listWebhookEndpoints: async (accountId, page) =>
      pageOf(oldestFirst(ownedBy(accountId, handle.tables.webhookEndpoints)), page),

    claimDeliveries: async (now, leaseEndsAt, limit) =>
      structuredClone(claimDeliveries(handle.tables, now, leaseEndsAt, limit)),

    settleDelivery: async (deliveryId, attempts, result) => {
      const { deliveries } = handle.tables
      const delivery = deliveries.get(deliveryId)
      if (delivery?.status !== 'pending' || delivery.attempts !== attempts) return
      deliveries.set(deliveryId, settled(delivery, structuredClone(result)))
    },

    listDeliveries: async (accountId, { endpointId, status }, page) => {
      const deliveries = ownedBy(accountId, handle.tables.deliveries)
        .filter((delivery) => endpointId === undefined || delivery.endpointId === endpointId)
        .filter((delivery) => status === undefined || delivery.status === status)
      return pageOf(deliveries.toReversed(), page)
    },

    redeliver: async (accountId, deliveryId, now) => {
      const { deliveries } = handle.tables
      const delivery = owned(deliveries, deliveryId, accountId)
      if (delivery === null) return { kind: 'gone' }
      const nextAttemptAt = new Date(now)
      deliveries.set(deliveryId, { ...delivery, status: 'pending', attempts: 0, nextAttemptAt })
      return { kind: 'queued' }
    },
  }
}

function claimDeliveries(tables: Tables, now: Date, leaseEndsAt: Date, limit: number): readonly ClaimedDelivery[] {
  const claimed: ClaimedDelivery[] = []
  // The endpoints and licenses with a delivery still pending: what comes after it waits.
  const waiting = new Set<string>()
  for (const delivery of tables.deliveries.values()) {
    if (claimed.length >= limit) break
    if (delivery.status !== 'pending') continue
    const { endpointId, event } = delivery
    const line = JSON.stringify([endpointId, event.licenseId])
    const isFirst = event.licenseId === null || !waiting.has(line)
    waiting.add(line)

    const endpoint = owned(tables.webhookEndpoints, endpointId, delivery.accountId)
    if (!isFirst || delivery.nextAttemptAt > now || endpoint?.active !== true) continue
    const taken = structuredClone({
      ...delivery,
      attempts: delivery.attempts + 1,
      lastAttemptAt: now,
      nextAttemptAt: leaseEndsAt,
    })
    tables.deliveries.set(taken.id, taken)
    claimed.push({ delivery: taken, endpoint })
  }
  return claimed
}

function settled(delivery: WebhookDelivery, result: DeliveryResult): WebhookDelivery {
  if (result.kind === 'delivered') return { ...delivery, status: 'delivered', lastError: null }
  const { error: lastError } = result
  if (result.kind === 'dead') return { ...delivery, status: 'dead', lastError }
  return { ...delivery, nextAttemptAt: result.retryAt, lastError }
}
