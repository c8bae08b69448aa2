import { CLOCK_TOLERANCE_SECONDS, isLicenseError, type LicenseError } from '../../protocol'
import type { KitContext } from '../kit-context'
import { type CacheState, contactIn } from '../store/cache-record'
import type { Snapshot } from '../store/license-on-disk'
import type { LicenseCheck } from '../words/license-check'
import { decide, raiseMark, type Standing, type VerifiedStanding } from './decide'
import type { HostDoubt } from './doubt'

/** The mark in the file is written when it has moved this far, so that checks in a hot path hardly ever write. */
const MARK_STEP_SECONDS = CLOCK_TOLERANCE_SECONDS

type ActivationState = Extract<CacheState, { kind: 'activation' }>

/**
 * `check()` itself: reads the stored license, judges it and remembers the time. It uses no network, and throws only what the
 * app's own `now` throws.
 */
export async function check(context: KitContext): Promise<LicenseCheck> {
  const now = context.config.now()
  const snapshot = await context.cache.read()
  const doubt = await doubtIn(context, snapshot, now)
  const standing = await standingOf(context, snapshot, doubt?.hostId)
  const judged = decide(standing, now, snapshot.persisted, contactIn(snapshot.state))
  const bridged = standing.kind === 'verified' ? await underBridge(context, standing, judged, now) : judged
  const found = doubt?.judge(bridged) ?? bridged
  if (standing.kind === 'refused' && snapshot.state.kind === 'activation') {
    // Without the code for it the list goes on refusing the license.
    const part = await import('./refusal').catch(() => undefined)
    await part?.rememberRefusal(context, snapshot.state.activation, standing.reason)
  }
  // A clock that is behind proves nothing about the time.
  if (standing.kind === 'verified' && snapshot.state.kind === 'activation' && found.status !== 'clock-tampered') {
    await rememberTime(context, snapshot.state, standing, now, found)
  }
  return found
}

/** The code for it is loaded where this host is not surely the one of the activation. Without it the host is another. */
async function doubtIn(context: KitContext, { state }: Snapshot, now: Date): Promise<HostDoubt | undefined> {
  if (state.kind !== 'activation') return undefined
  const host = await context.hostId().catch(() => undefined)
  if (host === undefined) return undefined
  const { activation } = state
  const isKnown = host.hostId === activation.hostId && activation.doubts === undefined
  if (isKnown && (host.machineIdProblem === null || host.source !== 'machine')) return undefined
  const part = await import('./doubt').catch(() => undefined)
  return await part?.doubtOf(context, activation, host, now)
}

/**
 * What is known about the license on this host before any clock is asked.
 * @param activatedAs the host that the license token must be for; default this one
 */
async function standingOf(context: KitContext, { state }: Snapshot, activatedAs?: string): Promise<Standing> {
  if (state.kind !== 'activation') return state
  try {
    const hostId = activatedAs ?? (await context.hostId()).hostId
    const { licenseToken, highestTimeSeen, fromFile = false, proofKey, unknownSince } = state.activation
    const claims = await context.verifiedTokens.verify(licenseToken, hostId, proofKey)
    if (await context.revocations.revokes(claims, state))
      return { kind: 'refused', reason: 'REVOKED', recovery: proofKey }
    const seenHere = context.timeMark.current(licenseToken)
    const seen = Math.max(highestTimeSeen, seenHere)
    return { kind: 'verified', claims, fromFile, unknownSince, highestTimeSeen: seen }
  } catch (error) {
    if (!isLicenseError(error)) throw error
    return standingAfter(error)
  }
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
  now: Date,
): Promise<LicenseCheck> {
  if (judged.status !== 'grace' && judged.status !== 'expired') return judged
  const statements = await context.statements().catch(() => undefined)
  return (await statements?.carryOver(standing, judged, now)) ?? judged
}

/** Raises the mark in memory, and the mark in the cache file when the step is worth writing. */
async function rememberTime(
  { cache, timeMark }: KitContext,
  known: ActivationState,
  { claims, highestTimeSeen }: VerifiedStanding,
  now: Date,
  { graceEndsAt }: LicenseCheck,
): Promise<void> {
  const { licenseToken } = known.activation
  const raised = raiseMark(highestTimeSeen, claims, now, graceEndsAt)
  timeMark.raise(licenseToken, raised)
  if (!isWorthWriting(known)) return
  await cache.update((found) =>
    found.kind === 'activation' && isWorthWriting(found) ? withMark(found, raised) : undefined,
  )

  /** False also when another process has replaced the token meanwhile. */
  function isWorthWriting({ activation }: ActivationState): boolean {
    if (activation.licenseToken !== licenseToken) return false
    const step = raised - activation.highestTimeSeen
    return step >= MARK_STEP_SECONDS || (raised === claims.exp && step > 0)
  }
}

function withMark({ activation }: ActivationState, highestTimeSeen: number): ActivationState {
  return { kind: 'activation', activation: { ...activation, highestTimeSeen } }
}
