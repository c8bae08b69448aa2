import { LicenseError } from '../../protocol'
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
import { SeatConnection } from './seat-connection'
import { ensureSeatKey } from './seat-key'
import { postCheckout, readGrant, type SeatTarget, type Sending } from './seat-requests'
import { createTimepiece } from './stopwatch'

const KNOWN_OPTIONS: Record<keyof CheckoutOptions, true> = {
  userIdentifier: true,
  deviceTag: true,
  checkinOnExit: true,
  handleSignals: true,
}

/** Makes the floating part of a kit. It is loaded at the first checkout. */
export function createFloating(context: OnlineContext): Floating {
  const exitHooks = createExitHooks()
  return { checkout: (licenseKey, options) => checkout(context, exitHooks, licenseKey, options) }
}

/** `checkout()` itself: takes a seat, which then renews itself; see `Floating.checkout`. */
async function checkout(
  context: OnlineContext,
  exitHooks: ExitHooks,
  licenseKey: string,
  options: CheckoutOptions = {},
): Promise<FloatingSession> {
  const key = assertLicenseKey(licenseKey)
  assertKnown(options, KNOWN_OPTIONS)
  const { userIdentifier, checkinOnExit = true, handleSignals = false } = options
  const deviceTag = shortTag(options.deviceTag)
  const target: SeatTarget = {
    licenseKey: key,
    hostId: (await context.hostId()).hostId,
    ...(userIdentifier === undefined ? {} : { userIdentifier }),
    ...(deviceTag === undefined ? {} : { deviceTag }),
  }

  const timepiece = createTimepiece(context.clock, context.config.now)
  const asked = timepiece.start()
  const sending = { idempotencyKey: context.randomId(), totalTimeoutMs: context.config.totalTimeoutMs }
  const kept = await ensureSeatKey(context.dataDir)
  const { answer, proofKey } = await take(context, target, kept, sending)
  if (answer.kind !== 'success') throw errorFor(answer)
  const grant = readGrant(answer)
  if (grant === undefined) throw new LicenseError('SERVER_UNREACHABLE', errorSentence('SERVER_UNREACHABLE'))

  const connection = new SeatConnection(context, target, proofKey, grant)
  return new HeldSeat({ ...context, connection, timepiece, exitHooks }, asked, {
    exit: checkinOnExit,
    signals: handleSignals,
  })
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
