import { DELIVERED_KEPT_MS, type Purged, type Storage } from 'keyslot/server'
import type { Store } from '../store'

type HousekeepingVerbs = Pick<Storage, 'listRevocations' | 'listEvents' | 'purgeExpired'>

interface Revocations {
  readonly kind: 'found'
  readonly version: number
  readonly items: readonly { readonly tokenId: string }[]
}

export function housekeepingVerbs(store: Store): HousekeepingVerbs {
  return {
    listRevocations: async (now) => {
      const ask = { now: now.getTime() }
      const { version, items } = await store.ask<Revocations>('housekeeping', 'listRevocations', ask)
      return { version, tokenIds: items.map(({ tokenId }) => tokenId) }
    },
    listEvents: (account, { licenseId: license }, page) =>
      store.page('housekeeping', 'listEvents', page, { account, license }),
    purgeExpired: async (now, limit) => {
      const ask = { now: now.getTime(), deliveredUntil: now.getTime() - DELIVERED_KEPT_MS, limit }
      const { kind: _purged, ...counts } = await store.ask<Purged & { kind: 'purged' }>(
        'housekeeping',
        'purgeExpired',
        ask,
      )
      return counts
    },
  }
}
