import { DELIVERED_KEPT_MS } from '../../domain/webhook'
import type { HousekeepingVerbs } from '../verb-families'
import { type EventRow, toEvent } from './event-rows'
import { deleteLicenseRow, type LicenseKeys } from './license-rows'
import { readRevocations, revoke } from './revocations'
import type { Store } from './store'

/** The revocation list, the audit log and housekeeping. */
export function housekeepingVerbs(store: Store): HousekeepingVerbs {
  return {
    listRevocations: (now) => store.read(() => readRevocations(store, now)),

    listEvents: (accountId, { licenseId }, page) => {
      const ofAccount = 'account_seq = (SELECT seq FROM accounts WHERE id = ?)'
      // The + keeps SQLite from choosing the account's index where the license's is the narrower one.
      const where = licenseId === undefined ? ofAccount : `+${ofAccount} AND license_id = ?`
      const parameters = licenseId === undefined ? [accountId] : [accountId, licenseId]
      const toEntity = (row: EventRow) => toEvent(row, accountId)
      const query = { columns: '*', from: 'events', where, orderBy: 'seq', toEntity }
      return store.read(() => store.list(query, parameters, page))
    },

    purgeExpired: (now, limit) =>
      store.write(() => {
        const deliveredUntil = new Date(now.getTime() - DELIVERED_KEPT_MS)
        // Licenses come last: the sessions that go with them are counted where they lapsed.
        return {
          idempotencyRecords: store.sql(PURGE_RECORDS).run(now, limit).changes,
          sessions: store.sql(PURGE_SESSIONS).run(now, limit).changes,
          revocations: store.sql(PURGE_REVOCATIONS).run(now, limit).changes,
          deliveries: store.sql(PURGE_DELIVERIES).run(deliveredUntil, limit).changes,
          licenses: purgeLicenses(store, now, limit),
        }
      }),
  }
}

// Each reads its index from the end that is due, so that a call with nothing to do costs next to nothing.
const PURGE_RECORDS = purge('idempotency_records', 'expires_at <= ? ORDER BY expires_at')
const PURGE_SESSIONS = purge('sessions', 'expires_at <= ? ORDER BY expires_at')
const PURGE_DELIVERIES = purge(
  'webhook_deliveries',
  "status = 'delivered' AND last_attempt_at <= ? ORDER BY last_attempt_at",
)
const PURGE_REVOCATIONS = `
  DELETE FROM revocations WHERE (tokens_end_at, token_id) IN (
    SELECT tokens_end_at, token_id FROM revocations WHERE tokens_end_at <= ? ORDER BY tokens_end_at, token_id LIMIT ?)`

function purge(table: string, due: string): string {
  return `DELETE FROM ${table} WHERE seq IN (SELECT seq FROM ${table} WHERE ${due} LIMIT ?)`
}

function purgeLicenses(store: Store, now: Date, limit: number): number {
  const due = store.sql<LicenseKeys>(`
    SELECT seq, account_seq, product_ids, created_at FROM licenses
    WHERE cleanable_at <= ? ORDER BY cleanable_at LIMIT ?`)
  const licenses = due.all(now, limit)
  for (const license of licenses) {
    revoke(store, 'l.seq = ?', [license.seq], now)
    deleteLicenseRow(store, license)
  }
  return licenses.length
}
