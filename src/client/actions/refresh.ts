import type { LicenseStatus } from '../../protocol'
import { check } from '../check/check'
import type { OnlineContext } from '../kit-context'
import type { CachedActivation } from '../store/cache-record'
import type { LicenseCheck } from '../words/license-check'
import { askAgain } from './ask-again'
import { type Asking, createAsking } from './asking'
import { renew } from './renew'

/** Contact does not help here: there is no license, or none of this host and product. */
const NOTHING_TO_RENEW: readonly LicenseStatus[] = ['not-activated', 'revoked', 'wrong-product']

/** `refresh()` itself: asks the server, and stores what it answers; see `LicenseKit.refresh`. */
export async function refresh(context: OnlineContext): Promise<LicenseCheck> {
  const { config, cache, tickets } = context
  const asking = createAsking(context)
  await tickets.deliver({ totalTimeoutMs: Math.min(config.deactivateTimeoutMs, config.totalTimeoutMs / 2) })
  const before = await check(context)
  const { state } = await cache.read()
  if (state.kind === 'refused' && typeof state.recovery === 'object') {
    await askAgain(asking, state, state.recovery)
  } else if (state.kind === 'activation' && (await isMoved(context, state.activation, before))) {
    const { keepSlot } = await import('./keep-slot')
    await keepSlot(asking, state.activation)
  } else if (state.kind === 'activation' && isRenewable(before)) {
    await renew(asking, state.activation, before.status === 'valid')
  } else {
    await keepListRecent(asking)
    return before
  }
  return await check(context)
}

/** A host in doubt may be known by its proof. */
function isRenewable({ status, refreshDue }: LicenseCheck): boolean {
  return !NOTHING_TO_RENEW.includes(status) && (status !== 'wrong-host' || refreshDue)
}

/** Whether the license was activated under another id of this host, or on a computer that this folder was copied from. */
async function isMoved(
  { hostId }: OnlineContext,
  activation: CachedActivation,
  { status, refreshDue }: LicenseCheck,
): Promise<boolean> {
  if (!refreshDue || activation.proofKey === undefined || status === 'untrusted' || status === 'revoked') return false
  return (await hostId()).hostId !== activation.hostId
}

/** A host that keeps a list keeps it recent: it may judge a license that comes back from a backup later. */
async function keepListRecent({ context, takeList }: Asking): Promise<void> {
  if ((await context.revocations.known()) !== undefined) await takeList()
}
