import { isUnseen, type UnseenSince } from '../../domain/activation'
import { DELIVERED_KEPT_MS } from '../../domain/webhook'
import type { UnseenHosts } from '../contract'
import type { HousekeepingVerbs } from '../verb-families'
import { readActivation, releaseSlot } from './activation-verbs'
import { type EventRow, toEvent } from './event-rows'
import { deleteLicenseRow, type LicenseKeys, licenseById } from './license-rows'
import { readRevocations, revoke } from './revocations'
import { toLicense } from './rows'
import { runStep } from './steps'
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

    findUnseen: (since, after, limit) => store.read(() => findUnseen(store, since, after, limit)),

    releaseUnseen: (accountId, { licenseId, hostId }, since, step) =>
      runStep(store, accountId, step, () => {
        const row = licenseById(store, accountId, licenseId)
        if (row === undefined) return { kind: 'kept' } as const
        const sold = { row, license: toLicense(row) }
        const activation = readActivation(store, sold, hostId)
        if (activation === null || !isUnseen(activation, since)) return { kind: 'kept' } as const
        return { kind: 'released', ...releaseSlot(store, sold, activation, step.now) } as const
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

interface LookedAt {
  readonly account_id: string
  readonly license_id: string
  readonly product_ids: string
  readonly license_seq: number
  readonly host_id: string
  readonly last_seen_at: number
  readonly tokens_end_at: number
}

/** Goes along the activations' own key. */
function findUnseen(store: Store, since: UnseenSince, after: string | null, limit: number): UnseenHosts {
  const [licenseSeq, hostId] = after === null ? [0, ''] : (JSON.parse(after) as [number, string])
  const text = `
    SELECT c.id AS account_id, l.id AS license_id, l.product_ids, a.license_seq, a.host_id, a.last_seen_at, a.tokens_end_at
    FROM activations a JOIN licenses l ON l.seq = a.license_seq JOIN accounts c ON c.seq = l.account_seq
    WHERE (a.license_seq, a.host_id) > (?, ?) ORDER BY a.license_seq, a.host_id LIMIT ?`
  const looked = store.sql<LookedAt>(text).all(licenseSeq, hostId, limit)
  const hosts = looked
    .filter(
      (row) => row.last_seen_at <= since.lastSeenBy.getTime() && row.tokens_end_at <= since.tokensEndedBy.getTime(),
    )
    .map((row) => ({
      accountId: row.account_id,
      licenseId: row.license_id,
      productId: String(JSON.parse(row.product_ids)[0]),
      hostId: row.host_id,
      lastSeenAt: new Date(row.last_seen_at),
    }))
  const last = looked.length < limit ? undefined : looked.at(-1)
  return { hosts, next: last === undefined ? null : JSON.stringify([last.license_seq, last.host_id]) }
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
