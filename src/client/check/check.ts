import { isLicenseError, type LicenseError } from '../../protocol'
import type { KitContext } from '../kit-context'
import { contactIn } from '../store/cache-record'
import type { Snapshot } from '../store/license-on-disk'
import type { KnownTime, Reading } from '../trust/known-time'
import { startOf, timeSinceAnchor } from '../trust/running-time'
import type { LicenseCheck } from '../words/license-check'
import { decide, type Standing, type VerifiedStanding } from './decide'
import type { HostDoubt } from './doubt'
import { timeKnownTo } from './time-now'

type SeenTime = VerifiedStanding['clock']

/**
 * `check()` itself: reads the stored license, judges it and remembers the time. It uses no network, and throws only what the
 * app's own clocks throw.
 */
export async function check(context: KitContext): Promise<LicenseCheck> {
  const reading = context.config.readClocks()
  const snapshot = await context.cache.read()
  const doubt = await doubtIn(context, snapshot, reading)
  const standing = await standingOf(context, snapshot, reading, doubt?.hostId)
  const judged = decide(standing, snapshot.persisted, contactIn(snapshot.state))
  if (standing.kind === 'verified' && snapshot.state.kind === 'activation') {
    const bridged = await underBridge(context, standing, judged)
    const found = doubt?.judge(bridged) ?? bridged
    if (standing.clock.isRunning) return found
    const result = { found, usableUntil: bridged.graceEndsAt }
    const part = await import('./settle-time').catch(() => undefined)
    return (await part?.settleTime(context, snapshot.state.activation, standing, reading, result)) ?? found
  }
  const found = doubt?.judge(judged) ?? judged
  if (standing.kind === 'refused' && snapshot.state.kind === 'activation') {
    // Without the code for it the list goes on refusing the license.
    const part = await import('./refusal').catch(() => undefined)
    await part?.rememberRefusal(context, snapshot.state.activation, standing.reason)
  }
  return found
}

/** The code for it is loaded where this host is not surely the one of the activation. Without it the host is another. */
async function doubtIn(context: KitContext, { state }: Snapshot, reading: Reading): Promise<HostDoubt | undefined> {
  if (state.kind !== 'activation') return undefined
  const host = await context.hostId().catch(() => undefined)
  if (host === undefined) return undefined
  const { activation } = state
  const isKnown = host.hostId === activation.hostId && activation.doubts === undefined
  if (isKnown && (host.machineIdProblem === null || host.source !== 'machine')) return undefined
  const part = await import('./doubt').catch(() => undefined)
  return await part?.doubtOf(context, activation, host, reading)
}

/**
 * What is known about the license on this host, and about the time.
 * @param activatedAs the host that the license token must be for; default this one
 */
async function standingOf(
  context: KitContext,
  { state }: Snapshot,
  reading: Reading,
  activatedAs?: string,
): Promise<Standing> {
  if (state.kind !== 'activation') return state
  try {
    const hostId = activatedAs ?? (await context.hostId()).hostId
    const { licenseToken, fromFile = false, proofKey, unknownSince } = state.activation
    const claims = await context.verifiedTokens.verify(licenseToken, hostId, proofKey)
    if (await context.revocations.revokes(claims, state))
      return { kind: 'refused', reason: 'REVOKED', recovery: proofKey }
    const known = timeKnownTo(context, state.activation, claims)
    const judged = timeGoingOn(context, known, reading) ?? (await judgedTime(known, reading))
    const clock = { ...judged, latest: reading.wall + (known.marks.correction ?? 0) }
    return { kind: 'verified', claims, fromFile, unknownSince, clock }
  } catch (error) {
    if (!isLicenseError(error)) throw error
    return standingAfter(error)
  }
}

/** The time where it just goes on since it was judged last. */
function timeGoingOn({ boot }: KitContext, known: KnownTime, reading: Reading): SeenTime | undefined {
  const { anchor } = known.marks
  const time = timeSinceAnchor(known, reading)
  if (time === undefined || anchor === undefined) return undefined
  boot.startedAt = startOf(anchor)
  return { state: 'right', time, isRunning: true }
}

/** The code that judges the time is loaded where it does not just go on: then something is written, or said. */
async function judgedTime(known: KnownTime, reading: Reading): Promise<SeenTime> {
  const part = await import('../trust/judge-clock').catch(() => undefined)
  const withoutCode = () => Math.max(reading.wall, known.highestTimeSeen, known.marks.signed)
  return part?.judgeClock(known, reading) ?? { state: 'right', time: withoutCode() }
}

/** What is known about the license when its token could not be verified. */
export function standingAfter({ code }: LicenseError): Standing {
  switch (code) {
    case 'HOST_ID_UNAVAILABLE':
    case 'TOKEN_WRONG_HOST':
      return { kind: 'wrong-host', reason: code }
    case 'TOKEN_WRONG_PRODUCT':
      return { kind: 'wrong-product' }
    case 'TOKEN_ALGORITHM':
    case 'TOKEN_KEY_UNKNOWN':
    case 'TOKEN_SIGNATURE':
    case 'TOKEN_CLAIMS':
      return { kind: 'untrusted', reason: code }
    default:
      return { kind: 'untrusted', reason: 'TOKEN_MALFORMED' }
  }
}

/** Without the code that reads bridges (an update may have removed it) there is none. */
async function underBridge(
  context: KitContext,
  standing: VerifiedStanding,
  judged: LicenseCheck,
): Promise<LicenseCheck> {
  if (judged.status !== 'grace' && judged.status !== 'expired') return judged
  const statements = await context.statements().catch(() => undefined)
  return (await statements?.carryOver(standing, judged)) ?? judged
}
