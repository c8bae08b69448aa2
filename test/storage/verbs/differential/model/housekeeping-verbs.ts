import { isUnseen } from '../../../../../src/domain/activation'
import { cleanableAt, isExpired } from '../../../../../src/domain/license'
import { isLive } from '../../../../../src/domain/session'
import { DELIVERED_KEPT_MS } from '../../../../../src/domain/webhook'
import type { HousekeepingVerbs } from '../../../../../src/storage/verbs/verb-families'
import type { Handle } from './handle'
import { pageOf } from './lists'
import { owned } from './tables'

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

    findUnseen: async (since, after, limit) => {
      const { activations, licenses } = handle.tables
      // In the order of their ids: a place that is found again, whatever goes meanwhile.
      const rest = [...activations.values()]
        .flatMap((hosts) => [...hosts.values()])
        .filter(({ id }) => after === null || id > after)
        .sort((a, b) => (a.id < b.id ? -1 : 1))
      const looked = rest.slice(0, limit)
      const hosts = looked.flatMap((activation) => {
        const license = licenses.get(activation.licenseId)
        if (license === undefined || !isUnseen(activation, since)) return []
        const { licenseId, hostId, lastSeenAt } = activation
        const [productId = ''] = license.productIds
        return [{ accountId: license.accountId, licenseId, productId, hostId, lastSeenAt: new Date(lastSeenAt) }]
      })
      return { hosts, next: rest.length > limit ? (looked.at(-1)?.id ?? after) : null }
    },

    releaseUnseen: (accountId, { licenseId, hostId }, since, step) =>
      handle.mutate(accountId, step, (tables) => {
        const license = owned(tables.licenses, licenseId, accountId)
        const activation = tables.activations.get(licenseId)?.get(hostId)
        if (license === null || activation === undefined || !isUnseen(activation, since))
          return { kind: 'kept' } as const
        return { kind: 'released', ...tables.release(license, activation) } as const
      }),
  }
}
