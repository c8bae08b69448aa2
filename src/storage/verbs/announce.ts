import { type DeliveryLine, type EntityChange, insert, type KeptDelivery, replace } from '../../domain/decision'
import type { AuditEvent } from '../../domain/event'
import { deliveryId, type WebhookEndpoint, wantsEvent } from '../../domain/webhook'
import type { Answer, Query } from '../rows/contract'
import type { Further, Question } from '../rows/stepper'
import { type Facts, lookFor, lookUp } from './facts'

/** An event that happens with a step. */
export type Announcement = AuditEvent

/** The endpoints of an account, which may want to be told. */
export function lookForReceivers(accountId: string): Query {
  return lookFor('webhookEndpoint', { by: 'ofAccount', equal: [accountId] })
}

/**
 * The events as they are kept, each with a delivery to every endpoint that wants it. Where there are such, the lines they
 * join are asked for first: the first delivery of a line is due, those behind it wait.
 */
export function planDeliveries(
  events: readonly Announcement[],
  facts: Facts,
  receivers: Answer | undefined,
  further: Further,
): { readonly changes: readonly EntityChange[] } | Question {
  const changes = events.map((event) => insert('event', event))
  const endpoints = facts.all('webhookEndpoint', receivers)
  const wanted = events.flatMap((event) =>
    endpoints.filter((endpoint) => wantsEvent(endpoint, event.type)).map((endpoint) => ({ event, endpoint })),
  )
  if (wanted.length === 0) return { changes }

  const names = [...new Set(wanted.map(({ event, endpoint }) => nameOf(endpoint, event)))]
  const queries = names.map((name) => lookUp('deliveryLine', JSON.parse(name)))
  const answers = queries.map(further)
  if (answers.includes(undefined)) return { ask: queries }

  const lines = new Map(names.map((name, index) => [name, facts.one('deliveryLine', answers[index])]))
  const joined = new Map<string, number>()
  for (const { event, endpoint } of wanted) {
    const name = nameOf(endpoint, event)
    const ahead = joined.get(name) ?? lines.get(name)?.pending ?? 0
    changes.push(insert('delivery', startDelivery(event, endpoint, ahead === 0)))
    joined.set(name, ahead + 1)
  }
  for (const [name, pending] of joined) changes.push(joinLine(name, lines.get(name) ?? null, pending))
  return { changes }
}

function nameOf(endpoint: WebhookEndpoint, event: Announcement): string {
  return JSON.stringify([endpoint.id, lineOf(event)])
}

/** Deliveries about one license go out in order; one about none waits for no other. */
export function lineOf({ id, licenseId }: Pick<AuditEvent, 'id' | 'licenseId'>): string {
  return licenseId ?? id
}

function startDelivery(event: AuditEvent, endpoint: WebhookEndpoint, isFirst: boolean): KeptDelivery {
  return {
    id: deliveryId(event, endpoint),
    accountId: event.accountId,
    endpointId: endpoint.id,
    eventId: event.id,
    line: lineOf(event),
    status: 'pending',
    attempts: 0,
    nextAttemptAt: event.at,
    lastAttemptAt: null,
    lastError: null,
    dueAt: isFirst ? event.at : null,
  }
}

function joinLine(name: string, before: DeliveryLine | null, pending: number): EntityChange {
  const [endpointId = '', line = ''] = JSON.parse(name) as string[]
  const after = { endpointId, line, pending }
  return before === null ? insert('deliveryLine', after) : replace('deliveryLine', before, after)
}
