import {
  type DueDelivery,
  decideRedeliver,
  decideSettle,
  decideTakeDeliveries,
  withEvent,
} from '../../domain/decide-delivery'
import { only } from '../../domain/decision'
import type { WebhookDelivery } from '../../domain/webhook'
import type { Answer, Query } from '../contract'
import type { EndpointVerbs } from './endpoint-verbs'
import { type Facts, lookFor, lookUp } from './facts'
import { pageQuery } from './pages'
import { act, type Keeping, look } from './run-step'
import type { ClaimedDelivery, Page } from './store'
import type { WebhookVerbs } from './webhook-contract'

const ITS_LINE = [{ column: 'endpoint_id' }, { column: 'line' }] as const
const ITS_EVENT = { event: lookUp('event', [{ column: 'event_id' }]) }

/** How many due deliveries of an endpoint are looked at, at least. */
const LOOKED_AT = 128

export function deliveryVerbs(keeping: Keeping): Omit<WebhookVerbs, keyof EndpointVerbs> {
  return {
    claimDeliveries: (now, leaseEndsAt, limit) =>
      act<readonly ClaimedDelivery[]>(keeping, {
        queries: [lookForDue(now, limit)],
        decide: ([endpoints], facts) => decideTakeDeliveries(oldestOf(facts, endpoints, limit), now, leaseEndsAt),
      }),

    settleDelivery: (deliveryId, attempts, result) =>
      act<void>(keeping, {
        queries: [
          lookUp('delivery', [deliveryId], {
            follow: {
              line: lookUp('deliveryLine', ITS_LINE),
              // Itself, and the one behind it.
              pending: lookFor('delivery', { by: 'ofLine', equal: [...ITS_LINE, 'pending'], limit: 2 }),
            },
          }),
        ],
        decide([deliveries], facts) {
          const { line, pending } = deliveries?.rows[0]?.followed ?? {}
          const next = facts.all('delivery', pending).find(({ id }) => id !== deliveryId) ?? null
          return decideSettle(
            facts.one('delivery', deliveries),
            facts.one('deliveryLine', line),
            next,
            attempts,
            result,
          )
        },
      }),

    redeliver: (accountId, deliveryId, now) =>
      act<{ readonly kind: 'queued' | 'gone' }>(keeping, {
        queries: [
          lookUp('delivery', [deliveryId], {
            follow: {
              line: lookUp('deliveryLine', ITS_LINE, { follow: { head: lookUp('delivery', [{ column: 'head' }]) } }),
            },
          }),
        ],
        decide([deliveries], facts) {
          const delivery = facts.one('delivery', deliveries)
          if (delivery?.accountId !== accountId) return only({ kind: 'gone' })
          const line = deliveries?.rows[0]?.followed.line
          const head = facts.one('delivery', line?.rows[0]?.followed.head)
          const isAhead = head === null || facts.isBefore(delivery, head)
          return decideRedeliver(delivery, facts.one('deliveryLine', line), head, isAhead, now)
        },
      }),

    listDeliveries: (accountId, filter, page) =>
      look(keeping, [lookForDeliveries(accountId, filter, page)], ([deliveries], facts) =>
        deliveriesFrom(deliveries, facts),
      ),
  }
}

/**
 * Of every endpoint that is active, the deliveries that have been due longest. More are looked at than are taken: where so
 * many are due, one that is tried again still goes before those of later events.
 */
function lookForDue(now: Date, limit: number): Query {
  const deliveries = lookFor('delivery', {
    by: 'due',
    equal: [{ column: 'id' }],
    range: { to: now.getTime() },
    limit: limit === 0 ? 0 : Math.max(limit, LOOKED_AT),
    follow: ITS_EVENT,
  })
  return lookFor('webhookEndpoint', { by: 'active', equal: [true], follow: { deliveries } })
}

/** Of the deliveries that were found those of the oldest events. */
function oldestOf(facts: Facts, endpoints: Answer | undefined, limit: number): readonly DueDelivery[] {
  const due = (endpoints?.rows ?? []).flatMap((found) => {
    const endpoint = facts.entity('webhookEndpoint', found)
    return (found.followed.deliveries?.rows ?? []).flatMap((one) => {
      const event = facts.one('event', one.followed.event)
      return event === null ? [] : [{ delivery: facts.entity('delivery', one), event, endpoint }]
    })
  })
  return due.sort((a, b) => (facts.isBefore(a.delivery, b.delivery) ? -1 : 1)).slice(0, limit)
}

function lookForDeliveries(
  accountId: string,
  { endpointId, status }: Parameters<WebhookVerbs['listDeliveries']>[1],
  page: Parameters<WebhookVerbs['listDeliveries']>[2],
): Query {
  const newestFirst = { descending: true, follow: ITS_EVENT }
  const query = (by: string, ...filtered: readonly string[]) =>
    lookFor('delivery', pageQuery(by, [accountId, ...filtered], page, newestFirst))
  if (endpointId === undefined) return status === undefined ? query('ofAccount') : query('withStatus', status)
  if (status === undefined) return query('ofEndpoint', endpointId)
  return query('ofEndpointWithStatus', endpointId, status)
}

function deliveriesFrom(answer: Answer | undefined, facts: Facts): Page<WebhookDelivery> {
  const items = (answer?.rows ?? []).flatMap((found) => {
    const event = facts.one('event', found.followed.event)
    return event === null ? [] : [withEvent(facts.entity('delivery', found), event)]
  })
  return { items, total: answer?.count ?? 0 }
}
