import { DEFAULT_ACCOUNT_ID } from '../../../../../src/domain/account'
import { type Activation, isUnseen } from '../../../../../src/domain/activation'
import { free } from '../../../../../src/domain/decide-release'
import { type Decided, only } from '../../../../../src/domain/decision'
import { cleanableAt, isExpired, type License } from '../../../../../src/domain/license'
import { isLive } from '../../../../../src/domain/session'
import { judgeTime, NO_CLAIM } from '../../../../../src/domain/vouched-time'
import { DEAD_KEPT_MS, DELIVERED_KEPT_MS } from '../../../../../src/domain/webhook'
import type { HousekeepingVerbs } from '../../../../../src/storage/verbs/housekeeping-contract'
import type { Idempotency } from '../../../../../src/storage/verbs/store'
import { revokeAll } from './apply'
import type { Handle } from './handle'
import { pageOf } from './lists'
import { owned } from './tables'

type UnseenOutcome =
  | { readonly kind: 'released'; readonly license: License; readonly activation: Activation }
  | { readonly kind: 'kept' }

export function housekeepingVerbs(handle: Handle): HousekeepingVerbs {
  return {
    listRevocations: async (now, productId) => {
      const { products, revocations } = handle.tables
      if (productId !== null && !products.has(productId)) return null
      const second = new Date(Math.floor(now.getTime() / 1000) * 1000)
      const live = [...revocations.values()].filter(({ endsAt }) => !isExpired(endsAt, second))
      return structuredClone(live.filter((one) => (productId === null ? one.rank === 0 : one.productId === productId)))
    },

    listEvents: async (accountId, { licenseId, type, since, newestFirst }, page) => {
      const events = handle.tables.events
        .filter((event) => event.accountId === accountId)
        .filter((event) => licenseId === undefined || event.licenseId === licenseId)
        .filter((event) => type === undefined || event.type === type)
        .filter((event) => since === undefined || event.at >= since)
      return pageOf(newestFirst ? events.toReversed() : events, page)
    },

    findReplay: async <O extends { readonly kind: string }>(accountId: string, idempotency: Idempotency, now: Date) =>
      handle.findReplay<O>(accountId, idempotency, now),

    judgeClock: async (now) => {
      const { tables } = handle
      const created = tables.accounts.get(DEFAULT_ACCOUNT_ID)?.createdAt.getTime() ?? 0
      const judged = judgeTime(tables.knownTime ?? { believedAt: created, claimedAt: NO_CLAIM }, now.getTime())
      tables.knownTime = judged
      return judged
    },

    purgeEvents: async (before, limit) => {
      const { tables } = handle
      let count = 0
      for (const { id } of tables.accounts.values()) {
        const own = tables.events.filter(({ accountId }) => accountId === id)
        if (!own.some(({ at }) => at <= before)) continue
        for (const [deliveryId, delivery] of tables.deliveries) {
          if (delivery.accountId !== id || delivery.status !== 'pending' || delivery.event.at > before) continue
          tables.deliveries.set(deliveryId, { ...delivery, status: 'dead', lastError: 'the event is no longer kept' })
        }
        const doomed = own.slice(0, limit).filter(({ at }) => at <= before)
        count += doomed.length
        for (const event of doomed) {
          tables.events.splice(tables.events.indexOf(event), 1)
          tables.eventsById.delete(event.id)
        }
      }
      return count
    },

    purgeExpired: async (now, limit) => {
      const { tables } = handle
      const deliveredUntil = new Date(now.getTime() - DELIVERED_KEPT_MS)
      const deadUntil = new Date(now.getTime() - DEAD_KEPT_MS)
      const sessions = [...tables.sessions.values()].flatMap((ofLicense) => [...ofLicense.values()])

      // Told from the rows as they are before anything goes: what a deleted license takes along is not counted twice.
      const doomed = {
        licenses: [...tables.licenses.values()].filter((license) => isExpired(cleanableAt(license), now)),
        idempotencyRecords: [...tables.idempotencyRecords].filter(([, record]) => isExpired(record.expiresAt, now)),
        sessions: sessions.filter((session) => !isLive(session, now)),
        revocations: [...tables.revocations].filter(([, { endsAt }]) => isExpired(endsAt, now)),
        deliveries: [...tables.deliveries.values()].filter(
          ({ status, lastAttemptAt }) =>
            (status === 'delivered' && isExpired(lastAttemptAt, deliveredUntil)) ||
            (status === 'dead' && isExpired(lastAttemptAt, deadUntil)),
        ),
      }
      for (const rows of Object.values(doomed)) rows.splice(limit)
      for (const { licenseId, id } of doomed.sessions) tables.sessions.get(licenseId)?.delete(id)
      for (const [key] of doomed.revocations) tables.revocations.delete(key)
      for (const [key] of doomed.idempotencyRecords) tables.idempotencyRecords.delete(key)
      for (const { id } of doomed.deliveries) tables.deliveries.delete(id)
      for (const license of doomed.licenses) {
        revokeAll(tables, [license], now)
        tables.deleteLicense(license)
      }
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
      handle.decide(accountId, step, (tables): Decided<UnseenOutcome> => {
        const license = owned(tables.licenses, licenseId, accountId)
        const activation = tables.activations.get(licenseId)?.get(hostId)
        if (license === null || activation === undefined || !isUnseen(activation, since)) return only({ kind: 'kept' })
        const freed = free(license, activation, tables.stampCeiling, step.now)
        return { ...freed, outcome: { kind: 'released', ...freed.outcome } }
      }),
  }
}
