import type { LicenseStatus } from '../../protocol'
import { check } from '../check/check'
import type { OnlineContext } from '../kit-context'
import type { LicenseCheck } from '../words/license-check'
import { askAgain } from './ask-again'
import { type Asking, createAsking } from './asking'
import { renew } from './renew'

/** Contact does not help here: there is no license, or none of this host and product. */
const NOTHING_TO_RENEW: readonly LicenseStatus[] = ['not-activated', 'revoked', 'wrong-host', 'wrong-product']

/** `refresh()` itself: asks the server, and stores what it answers; see `LicenseKit.refresh`. */
export async function refresh(context: OnlineContext): Promise<LicenseCheck> {
  const { config, cache, tickets } = context
  const asking = createAsking(context)
  await tickets.deliver({ totalTimeoutMs: Math.min(config.deactivateTimeoutMs, config.totalTimeoutMs / 2) })
  const before = await check(context)
  const { state } = await cache.read()
  if (state.kind === 'refused' && typeof state.recovery === 'object') {
    await askAgain(asking, state, state.recovery)
  } else if (state.kind === 'activation' && !NOTHING_TO_RENEW.includes(before.status)) {
    await renew(asking, state.activation, before.status === 'valid')
  } else {
    await keepListRecent(asking)
    return before
  }
  return await check(context)
}

/** A host that keeps a list keeps it recent: it may judge a license that comes back from a backup later. */
async function keepListRecent({ context, takeList }: Asking): Promise<void> {
  if ((await context.revocations.known()) !== undefined) await takeList()
}
