import type { KitContext } from '../kit-context'
import { type CachedActivation, isAbout } from '../store/cache-record'
import { doubtsOf, MAX_SEEN_HOSTS } from '../store/seen-hosts'
import type { LicenseCheck } from '../words/license-check'
import { folderEvidence } from './folder-evidence'
import type { HostIdentity } from './host-id'
import { readRemembered } from './host-id'
import { type Doubt, judgeDoubt } from './judge-doubt'

/** How a license is judged whose host is in doubt. */
export interface HostDoubt {
  /** The host that the license token must be for. */
  readonly hostId: string
  /** What `check()` then says; see `judgeDoubt`. */
  judge(found: LicenseCheck): LicenseCheck
}

/**
 * Whether this host is in doubt, and how the license is judged then. Remembers when the doubt was first seen, and forgets it
 * once the host is known again.
 *
 * @returns undefined where the host is surely the one of the activation, or nothing shows that it may be
 */
export async function doubtOf(
  context: KitContext,
  activation: CachedActivation,
  identity: HostIdentity,
  now: Date,
): Promise<HostDoubt | undefined> {
  const { hostId, source, machineIdProblem } = identity
  if (hostId === activation.hostId && (source !== 'machine' || machineIdProblem === null)) {
    await remember(context, activation, hostId, undefined)
    return undefined
  }
  if (source === 'option' || !(await mayBeOurs(context, activation, identity))) return undefined
  const time = timeOf(context, activation, now)
  const doubt = await findDoubt(context, activation, identity, time)
  return {
    hostId: doubt.kind === 'other' ? hostId : activation.hostId,
    judge: (found) => judgeDoubt(found, doubt, time),
  }
}

async function findDoubt(
  context: KitContext,
  activation: CachedActivation,
  { hostId }: HostIdentity,
  time: number,
): Promise<Doubt> {
  const isOther = hostId !== activation.hostId
  const folder = await folderEvidence(context.dataDir, activation.hostId)
  if (isOther && (folder === undefined || folder !== activation.folder)) return { kind: 'other' }
  const kind = isOther ? 'changed' : 'unread'
  // Neither shows the host of the activation.
  const isCopy = folder !== undefined && activation.folder !== undefined && folder !== activation.folder
  return { kind, since: isCopy ? 0 : await sinceWhen(context, activation, hostId, time) }
}

/** Whether the stored key opens the license token, which names it. A file's token names none: any copy would be its holder. */
export async function mayBeOurs(
  { dataDir, verifiedTokens }: Pick<KitContext, 'dataDir' | 'verifiedTokens'>,
  { licenseToken, hostId, proofKey }: CachedActivation,
  identity: HostIdentity,
): Promise<boolean> {
  if (identity.hostId === hostId) return true
  const claims = await verifiedTokens.verify(licenseToken, hostId, proofKey).catch(() => undefined)
  if (claims?.cnf === undefined) return false
  // A container that shares the folder of a machine is not that machine, and leaves its license alone.
  return !identity.container || !(await readRemembered(dataDir).catch(() => [hostId])).includes(hostId)
}

async function sinceWhen(
  context: KitContext,
  activation: CachedActivation,
  hostId: string,
  time: number,
): Promise<number> {
  const known = doubtsOf(activation)
  const since = known.find((seen) => seen.hostId === hostId)?.since
  // One that lies ahead was written by a clock that was wrong.
  if (since !== undefined && since <= time) return since
  if (since === undefined && known.length >= MAX_SEEN_HOSTS) return 0
  if (Number.isFinite(time)) await remember(context, activation, hostId, time)
  return time
}

async function remember(
  { cache }: KitContext,
  { licenseToken, doubts }: CachedActivation,
  hostId: string,
  since: number | undefined,
): Promise<void> {
  if (since === undefined && !doubtsOf({ doubts }).some((seen) => seen.hostId === hostId)) return
  await cache.update((found) => {
    if (found.kind !== 'activation' || !isAbout(found, licenseToken)) return undefined
    const { doubts: _, ...activation } = found.activation
    const others = doubtsOf(found.activation).filter((seen) => seen.hostId !== hostId)
    const next = since === undefined ? others : [...others, { hostId, since }]
    return { kind: 'activation', activation: { ...activation, ...(next.length > 0 && { doubts: next }) } }
  })
}

/** Whole seconds. */
function timeOf({ timeMark }: KitContext, { highestTimeSeen, licenseToken }: CachedActivation, now: Date): number {
  return Math.max(Math.floor(now.getTime() / 1000), highestTimeSeen, timeMark.current(licenseToken))
}
