import { decideDeleteLicense } from '../../domain/decide-delete-license'
import { type EntityChange, type EntityName, only, remove } from '../../domain/decision'
import { cleanableAt, isExpired } from '../../domain/license'
import { DEAD_KEPT_MS, DELIVERED_KEPT_MS } from '../../domain/webhook'
import type { DeliveryStatus } from '../../protocol/enumerations'
import { type Looked, lookFor, lookUp } from './facts'
import { lookForLeftovers, whetherLeft } from './generations'
import { BELONGINGS, belongingsOf, CEILING, tokensOf } from './license-target'
import { act, type Keeping, look } from './run-step'
import type { Purged } from './store'

/** Licenses whose steps are written together: each may remove as many rows as one step may. */
const LICENSES_TOGETHER = 8

/** Deletes what has had its day: each kind in a step of its own, and so each license. */
export async function purgeExpired(keeping: Keeping, now: Date, limit: number): Promise<Purged> {
  const until = { to: now.getTime() }
  const [idempotencyRecords, sessions, revocations, deliveries, licenses] = await Promise.all([
    purge(keeping, 'idempotencyRecord', { by: 'expiry', equal: [], range: until, limit }),
    purgeSessions(keeping, { by: 'expiry', equal: [], range: until, limit }),
    purge(keeping, 'revocation', { by: 'end', equal: [], range: until, limit }),
    purgeDeliveries(keeping, now, limit),
    purgeLicenses(keeping, now, limit),
  ])
  await keeping.clearing.run()
  return { licenses, idempotencyRecords, sessions, revocations, deliveries }
}

async function purgeDeliveries(keeping: Keeping, now: Date, limit: number): Promise<number> {
  const done = (status: DeliveryStatus, keptMs: number, most: number) =>
    purge(keeping, 'delivery', { by: 'done', equal: [status], range: { to: now.getTime() - keptMs }, limit: most })
  const delivered = await done('delivered', DELIVERED_KEPT_MS, limit)
  return delivered === limit ? limit : delivered + (await done('dead', DEAD_KEPT_MS, limit - delivered))
}

function purge(keeping: Keeping, of: EntityName, query: Looked): Promise<number> {
  return act(keeping, {
    queries: [lookFor(of, query)],
    decide([answer], facts) {
      const doomed = facts.all(of, answer)
      return { outcome: doomed.length, changes: doomed.map((entity): EntityChange => remove(of, entity)) }
    },
  })
}

/** Those that a license has left behind go too, and are not counted. */
function purgeSessions(keeping: Keeping, query: Looked): Promise<number> {
  return act(keeping, {
    queries: [lookFor('session', query), lookForLeftovers('session')],
    decide([answer, left], facts) {
      const isLeft = whetherLeft(left)
      const counted = (answer?.rows ?? []).filter(({ row }) => !isLeft(row))
      return { outcome: counted.length, changes: facts.all('session', answer).map((one) => remove('session', one)) }
    },
  })
}

/** Looks again where others were faster, so that several who purge at once leave nothing that one alone would not. */
async function purgeLicenses(keeping: Keeping, now: Date, limit: number): Promise<number> {
  let count = 0
  while (count < limit) {
    const ids = await cleanableIds(keeping, now, limit - count)
    if (ids.length === 0) break
    for (let done = 0; done < ids.length; done += LICENSES_TOGETHER) {
      const some = ids.slice(done, done + LICENSES_TOGETHER)
      const purged = await Promise.all(some.map((id) => purgeLicense(keeping, id, now)))
      count += purged.filter(Boolean).length
    }
  }
  return count
}

function cleanableIds(keeping: Keeping, now: Date, limit: number): Promise<readonly string[]> {
  const query = lookFor('license', { by: 'cleanable', equal: [], range: { to: now.getTime() }, limit })
  return look(keeping, [query], ([licenses], facts) => facts.all('license', licenses).map(({ id }) => id))
}

/** @returns false where the license is gone, or is to stay by now */
function purgeLicense(keeping: Keeping, id: string, now: Date): Promise<boolean> {
  return act(keeping, {
    queries: [lookUp('license', [id], { follow: BELONGINGS }), CEILING],
    decide([licenses, ceiling], facts) {
      const found = licenses?.rows[0]
      if (found === undefined) return only(false)
      const license = facts.entity('license', found)
      if (!isExpired(cleanableAt(license), now)) return only(false)
      const tokens = tokensOf(facts, found, ceiling)
      return { ...decideDeleteLicense(license, belongingsOf(facts, found), tokens, now), outcome: true }
    },
  })
}
