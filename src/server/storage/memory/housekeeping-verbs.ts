import { cleanableAt, isExpired } from '../../domain/license'
import { isLive } from '../../domain/session'
import { DELIVERED_KEPT_MS } from '../../domain/webhook'
import type { HousekeepingVerbs } from '../verb-families'
import type { Handle } from './handle'
import { pageOf } from './lists'

export function housekeepingVerbs(handle: Handle): HousekeepingVerbs {
  return {
    listRevocations: async (now) => {
      const { revocations, revocationVersion } = handle.tables
      const live = [...revocations].filter(([, endsAt]) => !isExpired(endsAt, now))
      return { version: revocationVersion, tokenIds: live.map(([tokenId]) => tokenId) }
    },

    listEvents: async (accountId, { licenseId }, page) => {
      const events = handle.tables.events
        .filter((event) => event.accountId === accountId)
        .filter((event) => licenseId === undefined || event.licenseId === licenseId)
      return pageOf(events, page)
    },

    purgeExpired: async (now, limit) => {
      const { tables } = handle
      const deliveredUntil = new Date(now.getTime() - DELIVERED_KEPT_MS)
      const sessions = [...tables.sessions.values()].flatMap((ofLicense) => [...ofLicense.values()])

      // Told from the rows as they are before anything goes: what a deleted license takes along is not counted twice.
      const doomed = {
        licenses: [...tables.licenses.values()].filter((license) => isExpired(cleanableAt(license), now)),
        idempotencyRecords: [...tables.idempotencyRecords].filter(([, record]) => isExpired(record.expiresAt, now)),
        sessions: sessions.filter((session) => !isLive(session, now)),
        revocations: [...tables.revocations].filter(([, endsAt]) => isExpired(endsAt, now)),
        deliveries: [...tables.deliveries.values()].filter(
          ({ status, lastAttemptAt }) => status === 'delivered' && isExpired(lastAttemptAt, deliveredUntil),
        ),
      }
      for (const rows of Object.values(doomed)) rows.splice(limit)
      for (const { licenseId, id } of doomed.sessions) tables.sessions.get(licenseId)?.delete(id)
      for (const [tokenId] of doomed.revocations) tables.revocations.delete(tokenId)
      for (const [key] of doomed.idempotencyRecords) tables.idempotencyRecords.delete(key)
      for (const { id } of doomed.deliveries) tables.deliveries.delete(id)
      for (const license of doomed.licenses) tables.deleteLicense(license)
      return {
        licenses: doomed.licenses.length,
        idempotencyRecords: doomed.idempotencyRecords.length,
        sessions: doomed.sessions.length,
        revocations: doomed.revocations.length,
        deliveries: doomed.deliveries.length,
      }
    },
  }
}
