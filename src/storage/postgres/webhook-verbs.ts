import { withoutUndefined } from '../../domain/fields'
import type { WebhookEndpoint } from '../../domain/webhook'
import type { DeliveryResult } from '../contract'
import type { WebhookVerbs } from '../verb-families'
import type { Row } from './columns'
import { endpointColumns, toDelivery } from './rows'
import { runStep } from './steps'
import type { Parameter, Store } from './store'

const OF_ACCOUNT = 'SELECT * FROM @webhook_endpoints WHERE id = $1 AND account_id = $2'

/**
 * Takes what is due, oldest event first; what another instance is taking is left to it. The list is made by itself
 * first: as a condition of the update it might be made again for every row, and LIMIT would count from new each time.
 */
const CLAIM = `
  WITH due AS MATERIALIZED (
    SELECT i.seq FROM @webhook_deliveries i JOIN @webhook_endpoints e ON e.id = i.endpoint_id
    WHERE i.due_at <= $1 AND e.active ORDER BY i.seq LIMIT $3 FOR UPDATE OF i SKIP LOCKED)
  UPDATE @webhook_deliveries d SET attempts = d.attempts + 1, last_attempt_at = $1, next_attempt_at = $2, due_at = $2
  FROM due, @webhook_endpoints w, @events v
  WHERE d.seq = due.seq AND w.id = d.endpoint_id AND v.seq = d.event_seq
  RETURNING d.*, v AS event, w AS endpoint`

export function webhookVerbs(store: Store): WebhookVerbs {
  return {
    insertWebhookEndpoint: (accountId, endpoint, step) =>
      runStep(store, accountId, step, async (statements) => {
        await statements.insert('webhook_endpoints', [endpointColumns.toRow({ ...endpoint, accountId })])
        return { kind: 'created', endpoint }
      }),

    updateWebhookEndpoint: (accountId, endpointId, changes, step) =>
      runStep(store, accountId, step, async (statements) => {
        const row = await statements.row(`${OF_ACCOUNT} FOR NO KEY UPDATE`, [endpointId, accountId])
        if (row === undefined) return { kind: 'gone' }
        const endpoint: WebhookEndpoint = { ...endpointColumns.toEntity(row), ...withoutUndefined(changes) }
        await statements.update('webhook_endpoints', 'id', endpointId, endpointColumns.toRow(endpoint))
        return { kind: 'updated', endpoint }
      }),

    deleteWebhookEndpoint: (accountId, endpointId, step) =>
      runStep(store, accountId, step, async (statements) => {
        const sql = 'DELETE FROM @webhook_endpoints WHERE id = $1 AND account_id = $2 RETURNING id'
        const deleted = await statements.row(sql, [endpointId, accountId])
        return { kind: deleted === undefined ? 'gone' : 'deleted' }
      }),

    listWebhookEndpoints: (accountId, page) =>
      store.list(
        {
          columns: '*',
          from: '@webhook_endpoints',
          where: 'account_id = $1',
          orderBy: 'created_at, seq',
          toEntity: endpointColumns.toEntity,
        },
        [accountId],
        page,
      ),

    async claimDeliveries(now, leaseEndsAt, limit) {
      const rows = await store.rows(CLAIM, [now, leaseEndsAt, limit])
      return rows
        .toSorted((a, b) => Number(a.seq) - Number(b.seq))
        .map((row) => ({ delivery: toDelivery(row), endpoint: endpointColumns.toEntity(row.endpoint as Row) }))
    },

    async settleDelivery(deliveryId, attempts, result) {
      const { status, error, retryAt } = settled(result)
      const sql = 'SELECT @settle_delivery($1, $2, $3, $4, $5, $6)'
      await store.rows(sql, [deliveryId, attempts, status, error, retryAt, store.lockMs])
    },

    listDeliveries(accountId, { endpointId, status }, page) {
      const parameters: Parameter[] = [accountId]
      const conditions = ['w.account_id = $1']
      if (endpointId !== undefined) conditions.push(`w.id = $${parameters.push(endpointId)}`)
      if (status !== undefined) conditions.push(`d.status = $${parameters.push(status)}`)
      const query = {
        columns: 'd.*, v AS event',
        from: `@webhook_deliveries d JOIN @webhook_endpoints w ON w.id = d.endpoint_id
          JOIN @events v ON v.seq = d.event_seq`,
        countFrom: '@webhook_deliveries d JOIN @webhook_endpoints w ON w.id = d.endpoint_id',
        where: conditions.join(' AND '),
        orderBy: 'd.seq DESC',
        toEntity: toDelivery,
      }
      return store.list(query, parameters, page)
    },

    async redeliver(accountId, deliveryId, now) {
      const row = await store.row('SELECT @redeliver($1, $2, $3, $4) AS queued', [
        accountId,
        deliveryId,
        now,
        store.lockMs,
      ])
      return { kind: row?.queued === true ? 'queued' : 'gone' }
    },
  }
}

function settled(result: DeliveryResult) {
  switch (result.kind) {
    case 'delivered':
      return { status: 'delivered', error: null, retryAt: null }
    case 'failed':
      return { status: 'pending', error: result.error, retryAt: result.retryAt }
    case 'dead':
      return { status: 'dead', error: result.error, retryAt: null }
  }
}
