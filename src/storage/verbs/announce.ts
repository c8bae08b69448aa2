import { type EntityChange, insert, rely } from '../../domain/decision'
import { lineOf, queueDeliveries, type Wanted } from '../../domain/delivery-line'
import type { AuditEvent } from '../../domain/event'
import { type WebhookEndpoint, wantsEvent } from '../../domain/webhook'
import type { Answer, Query } from '../contract'
import type { Further } from '../stepper/questions'
import type { Question } from '../stepper/stepper'
import { type Facts, lookFor, lookUp } from './facts'
import { Later } from './later'

/** An event that happens with a step. */
export type Announcement = AuditEvent

/** The endpoints of an account, which may want to be told. */
export function lookForReceivers(accountId: string): Query {
  return lookFor('webhookEndpoint', { by: 'ofAccount', equal: [accountId] })
}

/**
 * The events as they are kept, each with a delivery to every endpoint that wants it. Where there are such, the lines they
 * join are asked for first: the first delivery of a line is due, those behind it wait.
 *
 * @param receivers the account's endpoints as they were before the step
 * @param decided what else changes in the step: an endpoint is told of its own creation, and of no deletion
 */
export function planDeliveries(
  events: readonly Announcement[],
  decided: readonly EntityChange[],
  facts: Facts,
  receivers: Answer | undefined,
  further: Further,
): { readonly changes: readonly EntityChange[] } | Question {
  const announced = events.map((event) => insert('event', event))
  const before = facts.all('webhookEndpoint', receivers)
  const endpoints = endpointsAfter(before, decided)
  const wanted = events.flatMap((event) =>
    endpoints.filter((endpoint) => wantsEvent(endpoint, event.type)).map((endpoint) => ({ event, endpoint })),
  )
  if (wanted.length === 0) return { changes: announced }

  const later = new Later(further)
  const lines = linesOf(wanted).flatMap((line) => facts.all('deliveryLine', later.answer(line)))
  // An endpoint that is deleted meanwhile would leave its deliveries behind.
  const relied = before.filter((endpoint) => wanted.some((one) => one.endpoint === endpoint))
  return later.orAsk({
    changes: [
      ...announced,
      ...queueDeliveries(wanted, lines),
      ...relied.flatMap((endpoint) => rely('webhookEndpoint', endpoint)),
    ],
  })
}

/** The endpoints as they are after the step. */
function endpointsAfter(
  before: readonly WebhookEndpoint[],
  decided: readonly EntityChange[],
): readonly WebhookEndpoint[] {
  const endpoints = new Map(before.map((endpoint) => [endpoint.id, endpoint]))
  for (const change of decided) {
    if (change.of !== 'webhookEndpoint') continue
    if ('after' in change) endpoints.set(change.after.id, change.after)
    else if (change.kind === 'remove') endpoints.delete(change.before.id)
  }
  return [...endpoints.values()]
}

function linesOf(wanted: readonly Wanted[]): readonly Query[] {
  const names = wanted.map((one) => JSON.stringify([one.endpoint.id, lineOf(one)]))
  return [...new Set(names)].map((name) => lookUp('deliveryLine', JSON.parse(name)))
}
