import type { Storage } from '../contract'
import { deleteLicenseRow, type LicenseKeys } from './license-rows'
import { type EventRow, toEvent } from './rows'
import type { Session } from './session'

/** Audit and housekeeping. */
export function housekeepingVerbs(session: Session): Pick<Storage, 'listEvents' | 'purgeExpired'> {
  return {
    listEvents: (accountId, { licenseId }, page) => {
      const ofAccount = 'account_seq = (SELECT seq FROM accounts WHERE id = ?)'
      // The + keeps SQLite from choosing the account's index where the license's is the narrower one.
      const where = licenseId === undefined ? ofAccount : `+${ofAccount} AND license_id = ?`
      const parameters = licenseId === undefined ? [accountId] : [accountId, licenseId]
      const toEntity = (row: EventRow) => toEvent(row, accountId)
      const query = { columns: '*', from: 'events', where, orderBy: 'seq', toEntity }
      return session.read(() => session.list(query, parameters, page))
    },

    purgeExpired: (now, limit) =>
      session.write(() => {
        const due = session.sql<LicenseKeys>(`
          SELECT seq, account_seq, product_ids, created_at FROM licenses
          WHERE cleanable_at <= ? ORDER BY cleanable_at LIMIT ?`)
        const licenses = due.all(now, limit)
        for (const license of licenses) deleteLicenseRow(session, license)
        const forget = session.sql(`
          DELETE FROM idempotency_records WHERE seq IN (
            SELECT seq FROM idempotency_records WHERE expires_at <= ? ORDER BY expires_at LIMIT ?)`)
        return { licenses: licenses.length, idempotencyRecords: forget.run(now, limit).changes }
      }),
  }
}
