import type { Activation } from '../../domain/activation'
import { isUnseen } from '../../domain/activation'
import { free } from '../../domain/decide-release'
import { only } from '../../domain/decision'
import type { License } from '../../domain/license'
import { valuesOf } from '../order'
import { TABLES } from '../tables'
import { lookFor, lookUp } from './facts'
import { lookForLeftovers, whetherLeft } from './generations'
import type { HousekeepingVerbs } from './housekeeping-contract'
import { replayOf } from './idempotency-record'
import { judgeClock } from './judge-clock'
import { activationsOn, CEILING, ceilingOf, entriesOf, listedOf } from './license-target'
import { listEvents } from './list-events'
import { purgeExpired } from './purge'
import { purgeEvents } from './purge-events'
import { type Keeping, look, mutate } from './run-step'
import type { Idempotency } from './store'

export function housekeepingVerbs(keeping: Keeping): HousekeepingVerbs {
  return {
    listRevocations: (now, productId) => {
      const range = { above: toWholeSecond(now) }
      if (productId === null) {
        return look(keeping, [lookFor('revocation', { by: 'end', equal: [], range })], ([revocations], facts) =>
          facts.all('revocation', revocations).filter(({ rank }) => rank === 0),
        )
      }
      const listed = lookFor('revocation', { by: 'ofProduct', equal: [productId], range })
      return look(keeping, [lookUp('product', [productId]), listed], ([products, revocations], facts) =>
        facts.one('product', products) === null ? null : facts.all('revocation', revocations),
      )
    },

    listEvents: (accountId, filter, page) => listEvents(keeping, accountId, filter, page),

    findReplay: <O extends { readonly kind: string }>(accountId: string, idempotency: Idempotency, now: Date) =>
      look(
        keeping,
        [lookUp('idempotencyRecord', [accountId, idempotency.scope, idempotency.key])],
        ([records], facts) => replayOf<O>(facts.one('idempotencyRecord', records), idempotency, now) ?? null,
      ),

    judgeClock: (now) => judgeClock(keeping, now),

    purgeExpired: (now, limit) => purgeExpired(keeping, now, limit),

    purgeEvents: (before, limit) => purgeEvents(keeping, before, limit),

    findUnseen: (since, after, limit) =>
      look(keeping, [lookForActivations(after, limit + 1), lookForLeftovers('activation')], (answers, facts) => {
        const [activations, left] = answers
        const isLeft = whetherLeft(left)
        const found = activations?.rows ?? []
        const looked = found.slice(0, limit)
        const hosts = looked.flatMap((one) => {
          const license = facts.one('license', one.followed.license)
          const activation = facts.entity('activation', one)
          if (license === null || isLeft(one.row) || !isUnseen(activation, since)) return []
          const { licenseId, hostId, lastSeenAt } = activation
          const [productId = ''] = license.productIds
          return [{ accountId: license.accountId, licenseId, productId, hostId, lastSeenAt }]
        })
        const last = looked.at(-1)?.row
        const next = last === undefined ? after : JSON.stringify(valuesOf(last, TABLES.activation.definition.key))
        return { hosts, next: found.length > limit ? next : null }
      }),

    releaseUnseen: (accountId, { licenseId, hostId }, since, step) =>
      mutate<{ kind: 'released'; license: License; activation: Activation } | { kind: 'kept' }>(
        keeping,
        accountId,
        step,
        {
          queries: [
            lookUp('license', [licenseId], { follow: { ...activationsOn([hostId]), ...entriesOf(hostId) } }),
            CEILING,
          ],
          decide([licenses, counters], facts) {
            const [found] = licenses?.rows ?? []
            const activation = facts.one('activation', found?.followed.host0)
            if (found === undefined || activation === null) return only({ kind: 'kept' })
            const license = facts.entity('license', found)
            if (license.accountId !== accountId) return only({ kind: 'kept' })
            if (!isUnseen(activation, since)) return only({ kind: 'kept' })
            const freed = free(license, activation, ceilingOf(facts, counters), step.now)
            return { ...freed, listed: listedOf(facts, found), outcome: { kind: 'released', ...freed.outcome } }
          },
        },
      ),
  }
}

/** The next activations of all licenses, in the order of their keys. */
function lookForActivations(after: string | null, limit: number) {
  return lookFor('activation', {
    equal: [],
    limit,
    ...(after === null ? {} : { after: JSON.parse(after) }),
    follow: { license: lookUp('license', [{ column: 'license_id' }]) },
  })
}

/** Lists speak of whole seconds: an entry that is not on one has ended at the second it was signed. */
function toWholeSecond(now: Date): number {
  return Math.floor(now.getTime() / 1000) * 1000
}
