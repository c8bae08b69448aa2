import {
  type DueDelivery,
  decideRedeliver,
  decideSettle,
  decideTakeDeliveries,
  type Settled,
  type UnderWay,
  withEvent,
} from '../../domain/decide-delivery'
import { only } from '../../domain/decision'
import type { WebhookDelivery } from '../../domain/webhook'
import type { Answer, Query } from '../contract'
import type { EndpointVerbs } from './endpoint-verbs'
import { type Facts, lookFor, lookUp } from './facts'
import { pageQuery } from './pages'
import { act, type Keeping, look, mutate, type Verb } from './run-step'
import type { ClaimedDelivery, Page } from './store'
import type { Among, DueEndpoints, WebhookVerbs } from './webhook-contract'

const ITS_LINE = [{ column: 'endpoint_id' }, { column: 'line' }] as const
/** The event that a delivery is of. */
export const ITS_EVENT = { event: lookUp('event', [{ column: 'event_id' }]) }

export function deliveryVerbs(keeping: Keeping): Omit<WebhookVerbs, keyof EndpointVerbs> {
  return {
    findDueEndpoints: (now, among, limit) =>
      look(keeping, [lookForDueEndpoints(now, among, limit)], ([endpoints], facts) => dueOf(endpoints, facts, limit)),

    claimDeliveries: (endpointId, now, leaseEndsAt, limit) =>
      act<readonly ClaimedDelivery[]>(keeping, {
        queries: [
          lookUp('webhookEndpoint', [endpointId], { follow: { due: lookForDue(now, limit, { follow: ITS_EVENT }) } }),
        ],
        decide: ([endpoints], facts) => decideTakeDeliveries(dueIn(endpoints, facts), now, leaseEndsAt),
      }),

    settleDelivery: (...settled) => settleDelivery(keeping, ...settled),

    redeliver: (accountId, deliveryId, now) =>
      act<{ readonly kind: 'queued' | 'gone' }>(keeping, {
        queries: [
          lookUp('delivery', [deliveryId], {
            follow: {
              ...ITS_EVENT,
              line: lookUp('deliveryLine', ITS_LINE, { follow: { head: lookUp('delivery', [{ column: 'head' }]) } }),
            },
          }),
        ],
        decide([deliveries], facts) {
          const delivery = facts.one('delivery', deliveries)
          // There is nothing to send any more where its event is no longer kept.
          const event = facts.one('event', deliveries?.rows[0]?.followed.event)
          if (delivery?.accountId !== accountId || event === null) return only({ kind: 'gone' })
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

export async function settleDelivery(
  keeping: Keeping,
  ...[deliveryId, attempts, result, disabling]: Parameters<WebhookVerbs['settleDelivery']>
): ReturnType<WebhookVerbs['settleDelivery']> {
  const verb: Verb<Settled> = {
    queries: [lookUp('delivery', [deliveryId], { follow: BESIDE })],
    decide: ([deliveries], facts) =>
      decideSettle(
        underWay(deliveries, deliveryId, facts),
        attempts,
        result,
        disabling?.afterMs ?? Number.POSITIVE_INFINITY,
      ),
  }
  const { kind } = await (disabling === undefined
    ? act(keeping, verb)
    : mutate(keeping, disabling.accountId, disabling.step, verb))
  return { kind: kind === 'disabled' ? kind : 'settled' }
}

/** Of an endpoint that was found, the deliveries that have been due longest. */
function lookForDue(now: Date, limit: number, more: Partial<Query> = {}): Query {
  return lookFor('delivery', { by: 'due', equal: [{ column: 'id' }], range: { to: now.getTime() }, limit, ...more })
}

/** Endpoints, each with one delivery that is due, where there is one. */
function lookForDueEndpoints(now: Date, among: Among, limit: number): Query {
  const follow = { due: lookForDue(now, 1) }
  if ('accountId' in among) return lookFor('webhookEndpoint', { by: 'ofAccount', equal: [among.accountId], follow })
  const after = among.after === null ? {} : { after: [among.after] }
  return lookFor('webhookEndpoint', { by: 'active', equal: [true], limit, follow, ...after })
}

function dueOf(answer: Answer | undefined, facts: Facts, limit: number): DueEndpoints {
  const found = answer?.rows ?? []
  const due = found.filter(({ followed }) => (followed.due?.rows ?? []).length > 0)
  const endpoints = due.map((one) => facts.entity('webhookEndpoint', one)).filter(({ active }) => active)
  const last = found.length === limit ? found.at(-1) : undefined
  return {
    endpoints: endpoints.map(({ id, accountId, failingSince }) => ({
      id,
      accountId,
      isFailing: failingSince !== null,
    })),
    next: last === undefined ? null : facts.entity('webhookEndpoint', last).id,
  }
}

function dueIn(endpoints: Answer | undefined, facts: Facts): readonly DueDelivery[] {
  const endpoint = facts.one('webhookEndpoint', endpoints)
  if (endpoint?.active !== true) return []
  return (endpoints?.rows[0]?.followed.due?.rows ?? []).flatMap((one) => {
    const event = facts.one('event', one.followed.event)
    return event === null ? [] : [{ delivery: facts.entity('delivery', one), event, endpoint }]
  })
}

/** Where a delivery goes, its line, and of that the first two that are pending: itself, and the one behind it. */
const BESIDE = {
  endpoint: lookUp('webhookEndpoint', [{ column: 'endpoint_id' }]),
  line: lookUp('deliveryLine', ITS_LINE),
  pending: lookFor('delivery', { by: 'ofLine', equal: [...ITS_LINE, 'pending'], limit: 2 }),
}

function underWay(deliveries: Answer | undefined, deliveryId: string, facts: Facts): UnderWay {
  const { endpoint, line, pending } = deliveries?.rows[0]?.followed ?? {}
  return {
    delivery: facts.one('delivery', deliveries),
    endpoint: facts.one('webhookEndpoint', endpoint),
    line: facts.one('deliveryLine', line),
    next: facts.all('delivery', pending).find(({ id }) => id !== deliveryId) ?? null,
  }
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
