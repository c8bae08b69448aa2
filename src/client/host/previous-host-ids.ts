import type { KitContext } from '../kit-context'
import { type HostIdentity, isDerivedHostId, readRemembered } from './host-id'

/** As many as the server lets a host name. */
const MAX_PREVIOUS_HOST_IDS = 8

/**
 * The ids this host may hold its slot under though it has another now, the likeliest first: the one it was activated
 * under, then those it was known by before. The server moves such a slot instead of taking a second one.
 *
 * Where the app chooses the hostId, only ids the kit derived: another one of the app's may be somebody else's.
 */
export async function findPreviousHostIds(
  { cache, dataDir }: Pick<KitContext, 'cache' | 'dataDir'>,
  { hostId, source }: HostIdentity,
): Promise<readonly string[]> {
  const { state } = await cache.read()
  const activated = state.kind === 'activation' ? [state.activation.hostId] : []
  const hostIds = new Set([...activated, ...(await readRemembered(dataDir))])
  hostIds.delete(hostId)
  return [...hostIds].filter((id) => source !== 'option' || isDerivedHostId(id)).slice(0, MAX_PREVIOUS_HOST_IDS)
}
