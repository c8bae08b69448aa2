import type { Actor } from '../../domain/event'
import type { UnseenHost } from '../../storage/verbs/store'
import { type Call, planEvent, planStep, type ServiceContext } from './context'

/** At most this many activations are looked at in one storage step. */
const BATCH_SIZE = 500

/** Nobody asked for it. */
const HOUSEKEEPER: Actor = { id: 'housekeeping', address: null }

export interface FreedUnseen {
  /** How many hosts were freed. */
  readonly freed: number
  /** Where to go on; null once everything was looked at. */
  readonly next: string | null
}

/**
 * Looks at some more activations and frees hosts that were not seen for so long, each as deactivating it would: the slot
 * is free, its tokens are on the revocation list, an event is stored. A host that was given a license token or a license
 * file keeps its slot as long as that can be of use, however short the time.
 *
 * Any number of instances may do so at once: each host is judged again, on its stored row, in the step that frees it.
 *
 * @param until the time by which they are judged: a clock that jumps frees nobody
 * @param after the `next` of the call before; null to begin
 */
export async function freeUnseenHosts(
  context: ServiceContext,
  { unseenForSeconds, until }: { readonly unseenForSeconds: number; readonly until: Date },
  after: string | null,
): Promise<FreedUnseen> {
  const now = context.now()
  const since = { lastSeenBy: new Date(until.getTime() - unseenForSeconds * 1000), tokensEndedBy: until }
  const { hosts, next } = await context.store.findUnseen(since, after, BATCH_SIZE)
  let freed = 0
  for (const host of hosts) {
    const call: Call = { accountId: host.accountId, actor: HOUSEKEEPER, proof: { trusted: true } }
    const step = planStep(call, now, { released: [deactivated(context, call, now, host)] })
    const outcome = await context.store.releaseUnseen(host.accountId, host, since, step)
    if (outcome.kind === 'released') freed += 1
  }
  return { freed, next }
}

function deactivated(context: ServiceContext, call: Call, now: Date, host: UnseenHost) {
  const { productId, hostId } = host
  const lastSeenAt = host.lastSeenAt.toISOString()
  return planEvent(context, call, now, 'license.deactivated', { productId, hostId, reason: 'unseen', lastSeenAt })
}
