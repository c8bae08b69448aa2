import type { Settled } from '../../../../../src/domain/decide-delivery'
import { type Decided, only } from '../../../../../src/domain/decision'
import {
  afterAttempt,
  MAX_ENDPOINTS,
  rotateSecret,
  type WebhookDelivery,
  withTerms,
} from '../../../../../src/domain/webhook'
import type { DeliveryResult } from '../../../../../src/storage/verbs/store'
import type { WebhookVerbs } from '../../../../../src/storage/verbs/webhook-contract'
import type { Handle } from './handle'
import { oldestFirst, pageOf } from './lists'
import { owned, ownedBy, refuseTakenId, type Tables } from './tables'

export function webhookVerbs(handle: Handle): WebhookVerbs {
  return {
    insertWebhookEndpoint: (accountId, endpoint, step) =>
      handle.mutate(accountId, step, ({ webhookEndpoints }) => {
        refuseTakenId(webhookEndpoints, endpoint)
        if (ownedBy(accountId, webhookEndpoints).length >= MAX_ENDPOINTS) return { kind: 'too-many' }
        const stored = structuredClone(endpoint)
        webhookEndpoints.set(stored.id, stored)
        return { kind: 'created', endpoint: stored }
      }),

    updateWebhookEndpoint: (accountId, endpointId, changes, step) =>
      handle.mutate(accountId, step, ({ webhookEndpoints }) => {
        const endpoint = owned(webhookEndpoints, endpointId, accountId)
        if (endpoint === null) return { kind: 'gone' }
        const updated = withTerms(endpoint, structuredClone(changes))
        webhookEndpoints.set(endpointId, updated)
        return { kind: 'updated', endpoint: updated }
      }),

    rotateWebhookSecret: (accountId, endpointId, secret, step) =>
      handle.mutate(accountId, step, ({ webhookEndpoints }) => {
        const endpoint = owned(webhookEndpoints, endpointId, accountId)
        if (endpoint === null) return { kind: 'gone' }
        const rotated = structuredClone(rotateSecret(endpoint, secret, step.now))
        if (rotated.kind === 'updated') webhookEndpoints.set(endpointId, rotated.endpoint)
        return rotated
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

    findDueEndpoints: async (now, among, limit) => {
      const { deliveries, webhookEndpoints } = handle.tables
      const places = [...webhookEndpoints.values()].filter(({ id, accountId, active }) =>
        'accountId' in among ? accountId === among.accountId : active && (among.after === null || id > among.after),
      )
      const looked = 'accountId' in among ? places : places.toSorted((a, b) => (a.id < b.id ? -1 : 1)).slice(0, limit)
      const heads = headsOf(deliveries.values())
      const isDue = (id: string) => heads.some((head) => head.endpointId === id && head.nextAttemptAt <= now)
      return {
        endpoints: looked
          .filter(({ id, active }) => active && isDue(id))
          .map(({ id, accountId, failingSince }) => ({ id, accountId, isFailing: failingSince !== null })),
        next: looked.length === limit ? (looked.at(-1)?.id ?? null) : null,
      }
    },

    claimDeliveries: async (endpointId, now, leaseEndsAt, limit) => {
      const { deliveries, webhookEndpoints } = handle.tables
      const endpoint = webhookEndpoints.get(endpointId)
      if (endpoint?.active !== true) return []
      const due = headsOf(deliveries.values())
        .filter((head) => head.endpointId === endpointId && head.nextAttemptAt <= now)
        .toSorted((a, b) => a.nextAttemptAt.getTime() - b.nextAttemptAt.getTime())
      return due.slice(0, limit).map((delivery) => {
        const attempts = delivery.attempts + 1
        const taken = structuredClone({ ...delivery, attempts, lastAttemptAt: now, nextAttemptAt: leaseEndsAt })
        deliveries.set(taken.id, taken)
        return structuredClone({ delivery: taken, endpoint })
      })
    },

    settleDelivery: async (deliveryId, attempts, result, disabling) => {
      const settle = ({ deliveries, webhookEndpoints }: Tables): Decided<Settled> => {
        const delivery = deliveries.get(deliveryId)
        if (delivery?.status !== 'pending' || delivery.attempts !== attempts) return only({ kind: 'settled' })
        deliveries.set(deliveryId, settled(delivery, structuredClone(result)))
        const endpoint = webhookEndpoints.get(delivery.endpointId)
        if (endpoint === undefined || delivery.lastAttemptAt === null) return only({ kind: 'settled' })
        const error = result.kind === 'delivered' ? null : result.error
        const attempt = { beganAt: delivery.lastAttemptAt, error }
        const after = afterAttempt(endpoint, attempt, disabling?.afterMs ?? Number.POSITIVE_INFINITY)
        webhookEndpoints.set(endpoint.id, structuredClone(after))
        if (after.active === endpoint.active) return only({ kind: 'settled' })
        const told = { failingSince: after.failingSince, lastError: error }
        return { outcome: { kind: 'disabled' }, changes: [], told }
      }
      if (disabling === undefined) return settle(handle.tables).outcome
      const { kind } = await handle.decide(disabling.accountId, disabling.step, settle)
      return { kind: kind === 'disabled' ? kind : 'settled' }
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

/** The pending deliveries that wait for no other: of each endpoint and license the one of the oldest event. */
function headsOf(deliveries: Iterable<WebhookDelivery>): readonly WebhookDelivery[] {
  const waiting = new Set<string>()
  return [...deliveries].filter(({ id, status, endpointId, event }) => {
    if (status !== 'pending') return false
    const line = JSON.stringify([endpointId, event.licenseId ?? [id]])
    const isFirst = !waiting.has(line)
    waiting.add(line)
    return isFirst
  })
}

function settled(delivery: WebhookDelivery, result: DeliveryResult): WebhookDelivery {
  if (result.kind === 'delivered') return { ...delivery, status: 'delivered', lastError: null }
  const { error: lastError } = result
  if (result.kind === 'dead') return { ...delivery, status: 'dead', lastError }
  return { ...delivery, nextAttemptAt: result.retryAt, lastError }
}
