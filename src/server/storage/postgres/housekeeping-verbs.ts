import { DELIVERED_KEPT_MS } from '../../domain/webhook'
import type { Purged } from '../contract'
import type { HousekeepingVerbs } from '../verb-families'
import { toEvent } from './rows'
import type { Store } from './store'

/** The revocation list, the audit log and housekeeping. */
export function housekeepingVerbs(store: Store): HousekeepingVerbs {
  return {
    async listRevocations(now) {
      // One statement, so that the version is of this very list.
      const row = await store.row(
        `SELECT (SELECT count FROM @dropped_revocations) + (SELECT count(*) FROM @revocations) AS version,
           (SELECT json_agg(DISTINCT token_id) FROM @revocations WHERE tokens_end_at > $1) AS ids`,
        [now],
      )
      return { version: Number(row?.version), tokenIds: (row?.ids ?? []) as readonly string[] }
    },

    listEvents(accountId, { licenseId }, page) {
      const list = { columns: '*', from: '@events', orderBy: 'seq', toEntity: toEvent }
      if (licenseId === undefined) return store.list({ ...list, where: 'account_id = $1' }, [accountId], page)
      return store.list({ ...list, where: 'account_id = $1 AND license_id = $2' }, [accountId, licenseId], page)
    },

    async purgeExpired(now, limit) {
      const deliveredUntil = new Date(now.getTime() - DELIVERED_KEPT_MS)
      const row = await store.row('SELECT @purge_expired($1, $2, $3, $4) AS purged', [
        now,
        deliveredUntil,
        limit,
        store.lockMs,
      ])
      return row?.purged as unknown as Purged
    },
  }
}
