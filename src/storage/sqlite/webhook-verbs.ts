import { withoutUndefined } from '../../domain/fields'
import type { WebhookDelivery, WebhookEndpoint } from '../../domain/webhook'
import type { ClaimedDelivery, DeliveryResult } from '../contract'
import type { WebhookVerbs } from '../verb-families'
import {
  DELIVERY_COLUMNS,
  DELIVERY_TABLES,
  type DeliveryRow,
  type EndpointRow,
  endpointRecord,
  toDelivery,
  toEndpoint,
} from './event-rows'
import { changeLine, ENDPOINT_COLUMNS, type Place } from './outbox'
import { accountSeq, runStep } from './steps'
import type { Store } from './store'

const OF_ACCOUNT = 'w.account_seq = (SELECT seq FROM accounts WHERE id = ?)'

export function webhookVerbs(store: Store): WebhookVerbs {
  return {
    insertWebhookEndpoint: (accountId, endpoint, step) =>
      runStep(store, accountId, step, () => {
        const record = { account_seq: accountSeq(store, accountId), ...endpointRecord(endpoint) }
        store.insert('webhook_endpoints', record)
        return { kind: 'created', endpoint }
      }),

    updateWebhookEndpoint: (accountId, endpointId, changes, step) =>
      runStep(store, accountId, step, () => {
        const row = endpointById(store, accountId, endpointId)
        if (row === undefined) return { kind: 'gone' }
        const endpoint: WebhookEndpoint = { ...toEndpoint(row), ...withoutUndefined(changes) }
        store.update('webhook_endpoints', row.seq, endpointRecord(endpoint))
        return { kind: 'updated', endpoint }
      }),

    deleteWebhookEndpoint: (accountId, endpointId, step) =>
      runStep(store, accountId, step, () => {
        const row = endpointById(store, accountId, endpointId)
        if (row === undefined) return { kind: 'gone' }
        store.sql('DELETE FROM webhook_endpoints WHERE seq = ?').run(row.seq)
        return { kind: 'deleted' }
      }),

    listWebhookEndpoints: (accountId, page) =>
      store.read(() =>
        store.list(
          {
            columns: ENDPOINT_COLUMNS,
            from: 'webhook_endpoints w',
            where: OF_ACCOUNT,
            orderBy: 'w.created_at, w.seq',
            toEntity: toEndpoint,
          },
          [accountId],
          page,
        ),
      ),

    claimDeliveries: (now, leaseEndsAt, limit) =>
      store.write<readonly ClaimedDelivery[]>(
        () => findDue(store, now, limit).map((seq) => takeDelivery(store, seq, now, leaseEndsAt)),
        // Mostly there is nothing to do: that is found out without the lock.
        () => (findDue(store, now, 1).length === 0 ? [] : undefined),
      ),

    settleDelivery: (deliveryId, attempts, result) =>
      store.write(() => {
        const text =
          "SELECT seq, endpoint_seq, line FROM webhook_deliveries WHERE id = ? AND attempts = ? AND status = 'pending'"
        const row = store.sql<Waiting>(text).get(deliveryId, attempts)
        if (row !== undefined) changeLine(store, row, () => settle(store, row.seq, result))
      }),

    listDeliveries: (accountId, { endpointId, status }, page) => {
      const conditions = [OF_ACCOUNT]
      const parameters = [accountId]
      if (endpointId !== undefined) {
        conditions.push('w.id = ?')
        parameters.push(endpointId)
      }
      if (status !== undefined) {
        conditions.push('d.status = ?')
        parameters.push(status)
      }
      // Only their numbers, which an index has in it: what is sorted is small, and the page is read after.
      const query = {
        columns: 'd.seq',
        from: 'webhook_endpoints w CROSS JOIN webhook_deliveries d ON d.endpoint_seq = w.seq',
        where: conditions.join(' AND '),
        orderBy: 'd.seq DESC',
        toEntity: ({ seq }: { readonly seq: number }) => readDelivery(store, accountId, seq),
      }
      return store.read(() => store.list(query, parameters, page))
    },

    redeliver: (accountId, deliveryId, now) =>
      store.write(() => {
        const text = `
          SELECT d.seq, d.endpoint_seq, d.line FROM webhook_deliveries d JOIN webhook_endpoints w ON w.seq = d.endpoint_seq
          WHERE d.id = ? AND ${OF_ACCOUNT}`
        const row = store.sql<Waiting>(text).get(deliveryId, accountId)
        if (row === undefined) return { kind: 'gone' }
        const renew =
          "UPDATE webhook_deliveries SET status = 'pending', attempts = 0, next_attempt_at = ? WHERE seq = ?"
        changeLine(store, row, () => store.sql(renew).run(now, row.seq))
        return { kind: 'queued' }
      }),
  }
}

interface Waiting extends Place {
  readonly seq: number
}

function endpointById(store: Store, accountId: string, endpointId: string): EndpointRow | undefined {
  const text = `SELECT ${ENDPOINT_COLUMNS} FROM webhook_endpoints w WHERE w.id = ? AND ${OF_ACCOUNT}`
  return store.sql<EndpointRow>(text).get(endpointId, accountId)
}

/** The numbers of what is due, oldest event first. Reads one index, endpoint by endpoint: what waits is not in it. */
function findDue(store: Store, now: Date, limit: number): readonly number[] {
  const text = `
    SELECT d.seq FROM webhook_endpoints w
    CROSS JOIN webhook_deliveries d INDEXED BY webhook_deliveries_due ON d.endpoint_seq = w.seq
    WHERE w.active = 1 AND d.due_at <= ? ORDER BY d.seq LIMIT ?`
  return store
    .sql<{ seq: number }>(text)
    .all(now, limit)
    .map(({ seq }) => seq)
}

function takeDelivery(store: Store, seq: number, now: Date, leaseEndsAt: Date): ClaimedDelivery {
  const take = `
    UPDATE webhook_deliveries SET attempts = attempts + 1, last_attempt_at = ?, next_attempt_at = ?, due_at = ?
    WHERE seq = ?`
  store.sql(take).run(now, leaseEndsAt, leaseEndsAt, seq)
  const text = `
    SELECT ${ENDPOINT_COLUMNS} FROM webhook_endpoints w
    WHERE w.seq = (SELECT endpoint_seq FROM webhook_deliveries WHERE seq = ?)`
  const endpoint = toEndpoint(store.sql<EndpointRow>(text).one(seq))
  return { delivery: readDelivery(store, endpoint.accountId, seq), endpoint }
}

function readDelivery(store: Store, accountId: string, seq: number): WebhookDelivery {
  const text = `SELECT ${DELIVERY_COLUMNS} FROM ${DELIVERY_TABLES} WHERE d.seq = ?`
  return toDelivery(store.sql<DeliveryRow>(text).one(seq), accountId)
}

function settle(store: Store, seq: number, result: DeliveryResult) {
  switch (result.kind) {
    case 'delivered':
      store.sql("UPDATE webhook_deliveries SET status = 'delivered', last_error = NULL WHERE seq = ?").run(seq)
      break
    case 'failed':
      store
        .sql('UPDATE webhook_deliveries SET next_attempt_at = ?, last_error = ? WHERE seq = ?')
        .run(result.retryAt, result.error, seq)
      break
    case 'dead':
      store.sql("UPDATE webhook_deliveries SET status = 'dead', last_error = ? WHERE seq = ?").run(result.error, seq)
      break
  }
}
