import { DELIVERED_KEPT_MS } from '../../domain/webhook'
import type { Purged, UnseenHost } from '../contract'
import type { HousekeepingVerbs } from '../verb-families'
import type { Row } from './columns'
import { toActivation, toEvent, toLicense } from './rows'
import { callStep } from './steps'
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

    async findUnseen({ lastSeenBy, tokensEndedBy }, after, limit) {
      const [licenseSeq, hostId] = after === null ? [0, ''] : (JSON.parse(after) as [number, string])
      const looked = await store.rows(FIND_UNSEEN, [licenseSeq, hostId, limit, lastSeenBy, tokensEndedBy])
      const last = looked.length < limit ? undefined : looked.at(-1)
      return {
        hosts: looked.filter((row) => row.is_unseen === true).map(toUnseenHost),
        next: last === undefined ? null : JSON.stringify([Number(last.license_seq), String(last.host_id)]),
      }
    },

    releaseUnseen(accountId, { licenseId, hostId }, { lastSeenBy, tokensEndedBy }, step) {
      const since = { lastSeenBy: lastSeenBy.getTime(), tokensEndedBy: tokensEndedBy.getTime() }
      return callStep(store, 'release_unseen', accountId, { licenseId, hostId, ...since }, step, (row) => {
        if (row.kind !== 'released') return { kind: 'kept' } as const
        const license = toLicense(row.license as Row)
        return { kind: 'released', license, activation: toActivation(row.activation as Row, license.id) } as const
      })
    },
  }
}

/** Goes along the activations' own key. The bound on the licenses keeps a merge of the two from beginning at the first. */
const FIND_UNSEEN = `
  SELECT l.account_id, l.id AS license_id, l.product_ids[1] AS product_id, a.license_seq, a.host_id, a.last_seen_at,
    a.last_seen_at <= $4 AND a.tokens_end_at <= $5 AS is_unseen
  FROM @activations a JOIN @licenses l ON l.seq = a.license_seq AND l.seq >= $1
  WHERE (a.license_seq, a.host_id) > ($1, $2) ORDER BY a.license_seq, a.host_id LIMIT $3`

function toUnseenHost(row: Row): UnseenHost {
  return {
    accountId: String(row.account_id),
    licenseId: String(row.license_id),
    productId: String(row.product_id),
    hostId: String(row.host_id),
    lastSeenAt: new Date(Number(row.last_seen_at)),
  }
}
