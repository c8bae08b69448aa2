import { insert, only, remove, replace } from '../../domain/decision'
import type { WebhookEndpoint } from '../../domain/webhook'
import type { WebhookVerbs } from '../verb-families'
import { refuseTakenId } from './account-verbs'
import { lookFor, lookUp } from './facts'
import { pageFrom, pageQuery } from './pages'
import { type Keeping, look, mutate } from './run-step'

export type EndpointVerbs = Pick<
  WebhookVerbs,
  'insertWebhookEndpoint' | 'updateWebhookEndpoint' | 'deleteWebhookEndpoint' | 'listWebhookEndpoints'
>

export function endpointVerbs(keeping: Keeping): EndpointVerbs {
  return {
    insertWebhookEndpoint: (accountId, endpoint, step) =>
      mutate<{ kind: 'created'; endpoint: WebhookEndpoint }>(keeping, accountId, step, {
        queries: [lookUp('webhookEndpoint', [endpoint.id])],
        decide([endpoints], facts) {
          refuseTakenId(facts.one('webhookEndpoint', endpoints))
          return { outcome: { kind: 'created', endpoint }, changes: [insert('webhookEndpoint', endpoint)] }
        },
      }),

    updateWebhookEndpoint: (accountId, endpointId, changes, step) =>
      mutate<{ kind: 'updated'; endpoint: WebhookEndpoint } | { kind: 'gone' }>(keeping, accountId, step, {
        queries: [lookUp('webhookEndpoint', [endpointId])],
        decide([endpoints], facts) {
          const before = facts.one('webhookEndpoint', endpoints)
          if (before?.accountId !== accountId) return only({ kind: 'gone' })
          const endpoint = { ...before, ...changes }
          return { outcome: { kind: 'updated', endpoint }, changes: [replace('webhookEndpoint', before, endpoint)] }
        },
      }),

    deleteWebhookEndpoint: (accountId, endpointId, step) =>
      mutate<{ kind: 'deleted' | 'gone' }>(keeping, accountId, step, {
        queries: [
          lookUp('webhookEndpoint', [endpointId]),
          lookFor('deliveryLine', { equal: [endpointId] }),
          lookFor('delivery', { by: 'ofEndpoint', equal: [accountId, endpointId] }),
        ],
        decide([endpoints, lines, deliveries], facts) {
          const endpoint = facts.one('webhookEndpoint', endpoints)
          if (endpoint?.accountId !== accountId) return only({ kind: 'gone' })
          return {
            outcome: { kind: 'deleted' },
            changes: [
              remove('webhookEndpoint', endpoint),
              ...facts.all('deliveryLine', lines).map((line) => remove('deliveryLine', line)),
              ...facts.all('delivery', deliveries).map((delivery) => remove('delivery', delivery)),
            ],
          }
        },
      }),

    listWebhookEndpoints: (accountId, page) =>
      look(keeping, [lookFor('webhookEndpoint', pageQuery('ofAccount', [accountId], page))], ([endpoints], facts) =>
        pageFrom('webhookEndpoint', endpoints, facts),
      ),
  }
}
