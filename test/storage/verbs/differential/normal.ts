import type { Revocation } from '../../../../src/domain/decision'
import type { Product } from '../../../../src/domain/product'
import { isLive } from '../../../../src/domain/session'
import type { RecordKind, StoreRecord } from '../../../../src/storage/records'
import type { UnseenHost } from '../../../../src/storage/verbs/store'
import type { Call } from './calls'

/**
 * An outcome without what the contract leaves open:
 *
 * - the order of products found by package ids, of the entries of revocation lists and of unseen hosts;
 * - the order of an export, but for the stretches that a list shows (see `LISTED`);
 * - sessions that have lapsed: they hold no seat, whether or not they were removed, so that they may be missing in exports
 *   and counts.
 */
export function normal({ verb, args }: Call, outcome: unknown, now: Date): unknown {
  if (outcome === undefined || outcome === null) return outcome
  switch (verb) {
    case 'findProductsByPackageIds':
      return sortedBy(outcome as readonly Product[], ({ packageId }) => String(packageId))
    case 'findUnseen':
      return sortedBy(outcome as readonly UnseenHost[], ({ licenseId, hostId }) => `${licenseId} ${hostId}`)
    case 'listRevocations':
      return sortedBy(outcome as readonly Revocation[], ({ productId, id }) => `${productId} ${id}`)
    case 'exportRecords':
      return normalRecords(args[0], outcome as readonly StoreRecord[], now)
    case 'countRecords':
      return { ...outcome, session: 'not compared' }
    case 'purgeExpired':
      return { ...outcome, sessions: 'not compared' }
    default:
      return outcome
  }
}

/** What keeps the records of a kind apart that no list shows together, and then what a list shows them in the order of. */
const LISTED: { readonly [K in RecordKind]?: (value: Readonly<Record<string, unknown>>) => readonly unknown[] } = {
  'access-token': ({ accountId, createdAt }) => [accountId, createdAt],
  product: ({ accountId }) => [accountId],
  'product-version': ({ productId, createdAt }) => [productId, createdAt],
  customer: ({ accountId, createdAt }) => [accountId, createdAt],
  license: ({ accountId, createdAt }) => [accountId, createdAt],
  activation: ({ licenseId, hostId }) => [licenseId, hostId],
  session: ({ licenseId, startedAt }) => [licenseId, startedAt],
  revocation: ({ productId, id }) => [productId, id],
  'webhook-endpoint': ({ accountId, createdAt }) => [accountId, createdAt],
  event: ({ accountId }) => [accountId],
  delivery: ({ accountId }) => [accountId],
}

function normalRecords(kind: RecordKind, records: readonly StoreRecord[], now: Date): readonly StoreRecord[] {
  const live = records.filter((record) => record.kind !== 'session' || isLive(record.value, now))
  const listed = LISTED[kind]
  if (listed === undefined) return live
  return sortedBy(live, ({ value }) => JSON.stringify(listed({ ...value })))
}

/** Those with one name stay in their order. */
function sortedBy<T>(all: readonly T[], nameOf: (one: T) => string): readonly T[] {
  return all
    .map((one) => ({ one, name: nameOf(one) }))
    .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
    .map(({ one }) => one)
}
