import { folderEvidence } from '../host/folder-evidence'
import type { HostIdentity } from '../host/host-id'
import { readRemembered } from '../host/host-id'
import { type Doubt, judgeDoubt } from '../host/judge-doubt'
import type { KitContext } from '../kit-context'
import { type CachedActivation, isAbout } from '../store/cache-record'
import { storedTime } from '../store/clock-marks'
import { doubtsOf, MAX_SEEN_HOSTS } from '../store/seen-hosts'
import { judgeClock } from '../trust/judge-clock'
import type { Reading } from '../trust/known-time'
import type { LicenseCheck } from '../words/license-check'

/** How a license is judged whose host is in doubt. */
export interface HostDoubt<Id extends string | null = string> {
  /** The host that the license token must be for. */
  readonly hostId: Id
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
  reading: Reading,
): Promise<HostDoubt | undefined> {
  const { hostId, source, machineIdProblem } = identity
  if (hostId === activation.hostId && (source !== 'machine' || machineIdProblem === null)) {
    await remember(context, activation, hostId, undefined)
    return undefined
  }
  if (!(await opensItself(context, activation))) return undefined
  const time = timeOf(activation, context.boot.startedAt, reading)
  const since = () => sinceWhen(context, activation, hostId, time)
  const doubt = await findDoubt(context.dataDir, activation, identity, since)
  return doubt && judging(doubt, hostId, activation, time)
}

/** How a license of this doubt is judged on that host, at that time. */
export function judging<Id extends string | null>(
  doubt: Doubt,
  hostId: Id,
  activation: CachedActivation,
  time: number,
): HostDoubt<Id | string> {
  return {
    hostId: doubt.kind === 'other' ? hostId : activation.hostId,
    judge: (found) => judgeDoubt(found, doubt, time),
  }
}

/**
 * The doubt about a host that is not surely the one of the activation. Writes nothing.
 * @param since tells when it was first seen, Unix seconds
 * @returns undefined where nothing shows that the host may be the one of the activation
 */
export async function findDoubt(
  dataDir: string | undefined,
  activation: CachedActivation,
  { hostId, source, container }: Pick<HostIdentity, 'source' | 'container'> & { readonly hostId: string | null },
  since: () => Promise<number>,
): Promise<Doubt | undefined> {
  if (source === 'option') return undefined
  const isOther = hostId !== activation.hostId
  // A container that shares the folder of a machine is not that machine, and leaves its license alone.
  if (isOther && container && (await isRemembered(dataDir, activation.hostId))) return undefined
  const folder = await folderEvidence(dataDir, activation.hostId)
  if (isOther && (folder === undefined || folder !== activation.folder)) return { kind: 'other' }
  // Neither shows the host of the activation.
  const isCopy = folder !== undefined && activation.folder !== undefined && folder !== activation.folder
  return { kind: isOther ? 'changed' : 'unread', since: isCopy ? 0 : await since() }
}

async function isRemembered(dataDir: string | undefined, hostId: string): Promise<boolean> {
  return (await readRemembered(dataDir).catch(() => [hostId])).includes(hostId)
}

/**
 * Whether the stored key opens the license token. A token of another host must name it: any copy would be the holder of a
 * file's, which names none.
 */
async function opensItself(
  { verifiedTokens, hostId: own }: KitContext,
  { licenseToken, hostId, proofKey }: CachedActivation,
): Promise<boolean> {
  if ((await own()).hostId === hostId) return true
  const claims = await verifiedTokens.verify(licenseToken, hostId, proofKey).catch(() => undefined)
  return claims?.cnf !== undefined
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

/** Whole seconds: the time by the file, whose license token is not verified yet. */
export function timeOf(activation: CachedActivation, startedAt: number | undefined, reading: Reading): number {
  const { time, highestTimeSeen } = judgeClock({ ...storedTime(activation), startedAt }, reading)
  return Math.max(Math.floor(time), highestTimeSeen)
}
