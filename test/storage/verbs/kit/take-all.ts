import type { ClaimedDelivery, Store } from '../../../../src/storage/verbs/store'

/** Takes what is due of any endpoint, one endpoint after the other, at most the limit. */
export async function takeAll(
  store: Pick<Store, 'findDueEndpoints' | 'claimDeliveries'>,
  now: Date,
  leaseEndsAt: Date,
  limit: number,
): Promise<readonly ClaimedDelivery[]> {
  const claimed: ClaimedDelivery[] = []
  const { endpoints } = await store.findDueEndpoints(now, { after: null }, 1_000)
  for (const { id } of endpoints) {
    claimed.push(...(await store.claimDeliveries(id, now, leaseEndsAt, limit - claimed.length)))
  }
  return claimed
}
