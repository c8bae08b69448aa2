import type { ClaimedDelivery, DeliveryResult, Storage } from 'keyslot/storage'
import { type Ask, endpointAsk } from '../asks'
import { rowOf, textOf } from '../rows'
import type { Store } from '../store'

type WebhookVerbs = Pick<
  Storage,
  | 'insertWebhookEndpoint'
  | 'updateWebhookEndpoint'
  | 'deleteWebhookEndpoint'
  | 'listWebhookEndpoints'
  | 'claimDeliveries'
  | 'settleDelivery'
  | 'listDeliveries'
  | 'redeliver'
>

export function webhookVerbs(store: Store): WebhookVerbs {
  return {
    insertWebhookEndpoint: (accountId, endpoint, step) =>
      store.mutate('webhooks', 'insertWebhookEndpoint', accountId, step, { new: endpointAsk(endpoint) }),
    updateWebhookEndpoint: (accountId, id, changes, step) =>
      store.mutate('webhooks', 'updateWebhookEndpoint', accountId, step, { id, changes: rowOf(changes) }),
    deleteWebhookEndpoint: (accountId, id, step) =>
      store.mutate('webhooks', 'deleteWebhookEndpoint', accountId, step, { id }),
    listWebhookEndpoints: (account, page) => store.page('webhooks', 'listWebhookEndpoints', page, { account }),

    claimDeliveries: (now, leaseEndsAt, limit) => {
      const ask = { now: now.getTime(), leaseEndsAt: leaseEndsAt.getTime(), limit }
      return store.findAll<ClaimedDelivery>('webhooks', 'claimDeliveries', ask)
    },
    settleDelivery: async (id, attempts, result) => {
      await store.ask('webhooks', 'settleDelivery', { id, attempts, ...resultAsk(result) })
    },
    listDeliveries: (account, { endpointId: endpoint = '', status = '' }, page) =>
      store.page('webhooks', 'listDeliveries', page, { account, endpoint, status }),
    redeliver: (account, id, now) => store.ask('webhooks', 'redeliver', { account, id, now: now.getTime() }),
  }
}

function resultAsk(result: DeliveryResult): Ask {
  const error = textOf(result.kind === 'delivered' ? null : result.error)
  if (result.kind === 'failed') return { status: 'pending', error, retryAt: result.retryAt.getTime() }
  return { status: result.kind, error }
}
