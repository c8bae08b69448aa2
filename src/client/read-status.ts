import { CLOCK_TOLERANCE_SECONDS, isLicenseError, type LicenseError } from '../protocol'
import type { CacheState } from './cache-record'
import { decide, raiseMark, type Standing } from './check'
import type { KitContext } from './kit-context'
import type { LicenseCheck } from './license-check'
import type { Snapshot } from './token-cache'

/** The file's mark is written when it has moved this far, so that a check in a hot path writes next to nothing. */
const MARK_STEP_SECONDS = CLOCK_TOLERANCE_SECONDS

type Verified = Extract<Standing, { kind: 'verified' }>
type ActivationState = Extract<CacheState, { kind: 'activation' }>

/** `check()`: reads what is stored, judges it, remembers the time. No network, and no error but the app's own. */
export async function readStatus(context: KitContext): Promise<LicenseCheck> {
  const now = context.config.now()
  const snapshot = await context.cache.read()
  const standing = await standingOf(context, snapshot)
  const check = decide(standing, now, snapshot.persisted)
  // A clock that runs behind proves nothing.
  if (standing.kind === 'verified' && snapshot.state.kind === 'activation' && check.status !== 'clock-tampered') {
    await rememberTime(context, snapshot.state, standing, now)
  }
  return check
}

/** What is known of the license on this host before any clock is asked. */
async function standingOf(context: KitContext, { state }: Snapshot): Promise<Standing> {
  if (state.kind !== 'activation') return state
  try {
    const { hostId } = await context.hostId()
    const claims = await context.verifiedTokens.verify(state.activation.licenseToken, hostId)
    const { licenseToken, highestTimeSeen } = state.activation
    const seenHere = context.timeMark.current(licenseToken)
    return { kind: 'verified', claims, highestTimeSeen: Math.max(highestTimeSeen, seenHere) }
  } catch (error) {
    if (!isLicenseError(error)) throw error
    return standingAfter(error)
  }
}

function standingAfter({ code }: LicenseError): Standing {
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

async function rememberTime(
  { cache, timeMark }: KitContext,
  known: ActivationState,
  { claims, highestTimeSeen }: Verified,
  now: Date,
): Promise<void> {
  const { licenseToken } = known.activation
  const raised = raiseMark(highestTimeSeen, claims, now)
  timeMark.raise(licenseToken, raised)
  if (!isWorthWriting(known)) return
  await cache.update((found) =>
    found.kind === 'activation' && isWorthWriting(found) ? withMark(found, raised) : undefined,
  )

  /** False also where another process has replaced the token meanwhile. */
  function isWorthWriting({ activation }: ActivationState): boolean {
    if (activation.licenseToken !== licenseToken) return false
    const step = raised - activation.highestTimeSeen
    return step >= MARK_STEP_SECONDS || (raised === claims.exp && step > 0)
  }
}

function withMark({ activation }: ActivationState, highestTimeSeen: number): ActivationState {
  return { kind: 'activation', activation: { ...activation, highestTimeSeen } }
}
