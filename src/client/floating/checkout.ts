import { isLicenseError, LicenseError } from '../../protocol'
import { withSignal } from '../actions/with-signal'
import type { OnlineContext } from '../kit-context'
import type { ProofKey } from '../trust/proof-key'
import { errorFor } from '../wire/answer-error'
import { createProofKey } from '../wire/proof'
import { assertKnown } from '../words/assert-known'
import { assertLicenseKey } from '../words/assert-license-key'
import { shortTag } from '../words/device-tag'
import { errorSentence } from '../words/error-sentences'
import { createExitHooks, type ExitHooks } from './exit-hooks'
import type { CheckoutOptions, Floating, FloatingSession } from './floating-session'
import { HeldSeat } from './held-seat'
import { SeatConnection, type SeatOwner } from './seat-connection'
import { ensureSeatKey } from './seat-key'
import { postCheckout, readGrant, type SeatTarget, type Sending } from './seat-requests'
import { createSharedSeat } from './shared-seat'
import { outageMsOf } from './signed-lease'
import { createTimepiece } from './stopwatch'

const KNOWN_OPTIONS: Record<keyof CheckoutOptions, true> = {
  userIdentifier: true,
  deviceTag: true,
  checkinOnExit: true,
  handleSignals: true,
  outageGraceSeconds: true,
  signal: true,
}

const DEFAULT_OUTAGE_GRACE_SECONDS = 4 * 3_600

interface Parts {
  readonly context: OnlineContext
  /** The same for the requests of the checkout. */
  readonly asking: OnlineContext
  readonly exitHooks: ExitHooks
}

/** Makes the floating part of a kit. It is loaded at the first checkout. */
export function createFloating(context: OnlineContext): Floating {
  const exitHooks = createExitHooks()
  return {
    // The seat that is held goes on with a context of its own: the signal is for the checkout.
    checkout: (licenseKey, options) =>
      withSignal(context, options?.signal, (asking) => checkout({ context, asking, exitHooks }, licenseKey, options)),
  }
}

/** `checkout()` itself: takes a seat, which then renews itself; see `Floating.checkout`. */
async function checkout(
  { context, asking, exitHooks }: Parts,
  licenseKey: string,
  options: CheckoutOptions = {},
): Promise<FloatingSession> {
  const key = assertLicenseKey(licenseKey)
  assertKnown(options, KNOWN_OPTIONS)
  const { userIdentifier, checkinOnExit = true, handleSignals = false } = options
  const outageGraceSeconds = assertSeconds(options.outageGraceSeconds ?? DEFAULT_OUTAGE_GRACE_SECONDS)
  const deviceTag = shortTag(options.deviceTag)
  const target: SeatTarget = {
    licenseKey: key,
    hostId: await seatHostId(context),
    ...(userIdentifier === undefined ? {} : { userIdentifier }),
    ...(deviceTag === undefined ? {} : { deviceTag }),
  }

  const timepiece = createTimepiece(context.clock, context.config.readClocks)
  const asked = timepiece.start()
  const sending = { idempotencyKey: context.randomId(), totalTimeoutMs: context.config.totalTimeoutMs }
  const kept = await ensureSeatKey(context.dataDir)
  const { answer, proofKey } = await take(asking, target, kept, sending)
  if (answer.kind !== 'success') throw errorFor(answer)
  const grant = readGrant(answer)
  if (grant === undefined) throw new LicenseError('SERVER_UNREACHABLE', errorSentence('SERVER_UNREACHABLE'))

  const shared = createSharedSeat(context.dataDir, context.config.productId, target)
  const owner: SeatOwner = {
    target,
    proofKey,
    shared,
    outageMsOf: (success, seat) => outageMsOf(context, success, seat, seat.sessionId, outageGraceSeconds),
  }
  const connection = await SeatConnection.open(context, owner, answer, grant)
  return new HeldSeat({ ...context, connection, timepiece, exitHooks }, asked, {
    exit: checkinOnExit,
    signals: handleSignals,
  })
}

function assertSeconds(seconds: number): number {
  if (Number.isSafeInteger(seconds) && seconds >= 0) return seconds
  throw new TypeError('outageGraceSeconds must be a whole number of seconds, 0 or more')
}

/**
 * A seat needs an id for as long as it is held. A container whose files cannot be written has no other: each of its
 * processes is a host by itself.
 */
async function seatHostId({ hostId, randomId }: OnlineContext): Promise<string> {
  const identity = await hostId().catch((error: unknown) => {
    if (!isLicenseError(error, 'HOST_ID_UNAVAILABLE')) throw error
    return undefined
  })
  return identity?.hostId ?? `process.${randomId()}`
}

/** Where no key can be kept, one is shown only if the server wants one: the seat is then this process's alone. */
async function take(context: OnlineContext, target: SeatTarget, kept: ProofKey | undefined, sending: Sending) {
  const answer = await postCheckout(context, target, kept, sending)
  if (kept !== undefined || answer.kind !== 'refused' || answer.code !== 'PROOF_REQUIRED')
    return { answer, proofKey: kept }
  const proofKey = createProofKey()
  const again = { ...sending, idempotencyKey: context.randomId() }
  return { answer: await postCheckout(context, target, proofKey, again), proofKey }
}
