import { type EntityChange, forNow, insert, only, remove, replace } from '../../domain/decision'
import { MAX_ENDPOINTS, type Rotation, rotateSecret, type WebhookEndpoint, withTerms } from '../../domain/webhook'
import type { Answer, Query } from '../contract'
import { refuseTakenId } from './account-verbs'
import { type Facts, lookFor, lookUp } from './facts'
import { pageFrom, pageQuery } from './pages'
import { act, type Keeping, look, mutate } from './run-step'
import type { Step } from './store'
import type { WebhookVerbs } from './webhook-contract'

export type EndpointVerbs = Pick<
  WebhookVerbs,
  | 'insertWebhookEndpoint'
  | 'updateWebhookEndpoint'
  | 'rotateWebhookSecret'
  | 'deleteWebhookEndpoint'
  | 'listWebhookEndpoints'
>

interface Changed {
  readonly kind: 'updated'
  readonly endpoint: WebhookEndpoint
}

export function endpointVerbs(keeping: Keeping): EndpointVerbs {
  return {
    insertWebhookEndpoint: (accountId, endpoint, step) =>
      mutate<{ kind: 'created'; endpoint: WebhookEndpoint } | { kind: 'too-many' }>(keeping, accountId, step, {
        queries: [
          lookUp('webhookEndpoint', [endpoint.id]),
          lookUp('account', [accountId]),
          lookFor('webhookEndpoint', { by: 'ofAccount', equal: [accountId], limit: 0, count: true }),
        ],
        decide([endpoints, accounts, counted], facts) {
          refuseTakenId(facts.one('webhookEndpoint', endpoints))
          if ((counted?.count ?? 0) >= MAX_ENDPOINTS) return forNow({ kind: 'too-many' })
          const account = facts.one('account', accounts)
          return {
            outcome: { kind: 'created', endpoint },
            // Unchanged, and written all the same: two that are made at once have each counted without the other.
            changes: [
              insert('webhookEndpoint', endpoint),
              ...(account === null ? [] : [replace('account', account, account)]),
            ],
          }
        },
      }),

    updateWebhookEndpoint: (accountId, endpointId, changes, step) =>
      change(keeping, accountId, endpointId, step, (endpoint) => ({
        kind: 'updated',
        endpoint: withTerms(endpoint, changes),
      })),

    rotateWebhookSecret: (accountId, endpointId, secret, step) =>
      change<Rotation>(keeping, accountId, endpointId, step, (endpoint) => rotateSecret(endpoint, secret, step.now)),

    async deleteWebhookEndpoint(accountId, endpointId, step) {
      const outcome = await mutate<{ kind: 'deleted' | 'gone' }>(keeping, accountId, step, {
        queries: [lookUp('webhookEndpoint', [endpointId]), ...lookForDeliveries(accountId, endpointId)],
        decide([endpoints, ...rest], facts) {
          const endpoint = facts.one('webhookEndpoint', endpoints)
          if (endpoint?.accountId !== accountId) return only({ kind: 'gone' })
          const changes = [remove('webhookEndpoint', endpoint), ...removeDeliveries(facts, rest)]
          return { outcome: { kind: 'deleted' }, changes }
        },
      })
      if (outcome.kind === 'deleted') await sweep(keeping, accountId, endpointId)
      return outcome
    },

    listWebhookEndpoints: (accountId, page) => {
      const query = pageQuery('ofAccount', [accountId], page)
      return look(keeping, [lookFor('webhookEndpoint', query)], ([endpoints], facts) =>
        pageFrom('webhookEndpoint', endpoints, facts, { query, page }),
      )
    },
  }
}

/** Makes of an endpoint what follows from it as it is stored; or nothing, for a reason. */
function change<O extends Rotation = Changed>(
  keeping: Keeping,
  accountId: string,
  endpointId: string,
  step: Step<'updated'>,
  changed: (endpoint: WebhookEndpoint) => O,
) {
  return mutate<O | { kind: 'gone' }>(keeping, accountId, step, {
    queries: [lookUp('webhookEndpoint', [endpointId])],
    decide([endpoints], facts) {
      const before = facts.one('webhookEndpoint', endpoints)
      if (before?.accountId !== accountId) return only({ kind: 'gone' })
      const outcome = changed(before)
      if (!('endpoint' in outcome)) return forNow(outcome)
      return { outcome, changes: [replace('webhookEndpoint', before, outcome.endpoint)] }
    },
  })
}

/**
 * An event relies on the endpoints that it is delivered to, and does not change them: accounts have few, and all events would
 * wait for each other. So an event can be stored between what a deletion has read and what it writes. Once the endpoint is
 * gone no more can come, and what came goes here.
 */
function sweep(keeping: Keeping, accountId: string, endpointId: string): Promise<void> {
  return act<void>(keeping, {
    queries: [lookUp('webhookEndpoint', [endpointId]), ...lookForDeliveries(accountId, endpointId)],
    decide([endpoints, ...rest], facts) {
      const isGone = facts.one('webhookEndpoint', endpoints) === null
      return { outcome: undefined, changes: isGone ? removeDeliveries(facts, rest) : [] }
    },
  })
}

/** The lines of an endpoint, and all of its deliveries. */
function lookForDeliveries(accountId: string, endpointId: string): readonly Query[] {
  return [
    lookFor('deliveryLine', { equal: [endpointId] }),
    lookFor('delivery', { by: 'ofEndpoint', equal: [accountId, endpointId] }),
  ]
}

function removeDeliveries(facts: Facts, [lines, deliveries]: readonly Answer[]): readonly EntityChange[] {
  return [
    ...facts.all('deliveryLine', lines).map((line) => remove('deliveryLine', line)),
    ...facts.all('delivery', deliveries).map((delivery) => remove('delivery', delivery)),
  ]
}
