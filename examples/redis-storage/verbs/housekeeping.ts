import { DELIVERED_KEPT_MS, type Purged, type Storage, type UnseenHost, type UnseenSince } from 'keyslot/storage'
import type { Store } from '../store'

type HousekeepingVerbs = Pick<
  Storage,
  'listRevocations' | 'listEvents' | 'purgeExpired' | 'findUnseen' | 'releaseUnseen'
>

interface Revocations {
  readonly kind: 'found'
  readonly version: number
  readonly items: readonly { readonly tokenId: string }[]
}

interface Unseen {
  readonly kind: 'found'
  readonly items: readonly UnseenHost[]
  readonly next: string | null
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
    findUnseen: async (since, after, limit) => {
      const ask = { ...sinceAsk(since), after: after ?? '0', limit }
      const { items: hosts, next } = await store.ask<Unseen>('housekeeping', 'findUnseen', ask)
      return { hosts, next }
    },
    releaseUnseen: (accountId, { licenseId: license, hostId: host }, since, step) =>
      store.mutate('housekeeping', 'releaseUnseen', accountId, step, { ...sinceAsk(since), license, host }),
  }
}

function sinceAsk({ lastSeenBy, tokensEndedBy }: UnseenSince) {
  return { lastSeenBy: lastSeenBy.getTime(), tokensEndedBy: tokensEndedBy.getTime() }
}
