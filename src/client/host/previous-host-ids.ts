import type { TokenCache } from '../store/license-on-disk'
import { type HostIdentity, isDerivedHostId, readRemembered } from './host-id'

/** Where earlier ids of this host may stand. */
export interface HostIdRecords {
  readonly cache: Pick<TokenCache, 'read'>
  readonly dataDir: string | undefined
}

/** The server lets a host name as many. */
const MAX_PREVIOUS_HOST_IDS = 8

/**
 * The other ids under which this host may hold its slot, the likeliest first: the id it was activated under, then the ids
 * it was known by before. The server moves such a slot instead of taking a second one.
 *
 * When the app chooses the hostId, only ids that the kit derived are named: another id of the app's may be somebody else's.
 */
export async function findPreviousHostIds(
  { cache, dataDir }: HostIdRecords,
  { hostId, source }: HostIdentity,
): Promise<readonly string[]> {
  const { state } = await cache.read()
  const activated = state.kind === 'activation' ? [state.activation.hostId] : []
  const hostIds = new Set([...activated, ...(await readRemembered(dataDir).catch(() => []))])
  hostIds.delete(hostId)
  return [...hostIds].filter((id) => source !== 'option' || isDerivedHostId(id)).slice(0, MAX_PREVIOUS_HOST_IDS)
}
