import { CLOCK_TOLERANCE_SECONDS, isLicenseError, type LicenseError } from '../protocol'
import type { CachedActivation } from './cache-record'
import { decide, raiseMark, type Standing } from './check'
import type { KitContext } from './kit-context'
import type { LicenseCheck } from './license-check'
import type { Snapshot } from './token-cache'

/** The file's mark is written when it has moved this far, so that a check in a hot path writes next to nothing. */
const MARK_STEP_SECONDS = CLOCK_TOLERANCE_SECONDS

type Verified = Extract<Standing, { kind: 'verified' }>

/** `check()`: reads what is stored, judges it, remembers the time. No network, and no error but the app's own. */
export async function readStatus(context: KitContext): Promise<LicenseCheck> {
  const now = context.config.now()
  const snapshot = await context.cache.read()
  const standing = await standingOf(context, snapshot)
  const check = decide(standing, now, snapshot.persisted)
  // A clock that runs behind proves nothing.
  if (standing.kind === 'verified' && check.status !== 'clock-tampered') await rememberTime(context, standing, now)
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

async function rememberTime({ cache, timeMark }: KitContext, { claims, highestTimeSeen }: Verified, now: Date) {
  const activation = await currentActivation(cache, claims.key)
  if (activation === undefined) return
  const raised = raiseMark(highestTimeSeen, claims, now)
  timeMark.raise(activation.licenseToken, raised)
  const step = raised - activation.highestTimeSeen
  const reachedEnd = raised === claims.exp && step > 0
  if (reachedEnd || step >= MARK_STEP_SECONDS) await cache.writeActivation({ ...activation, highestTimeSeen: raised })
}

/** The activation of that license key, if the cache still holds it: another process may have changed it meanwhile. */
export async function currentActivation(
  cache: KitContext['cache'],
  licenseKey: string,
): Promise<CachedActivation | undefined> {
  const { state } = await cache.read()
  return state.kind === 'activation' && state.activation.licenseKey === licenseKey ? state.activation : undefined
}
