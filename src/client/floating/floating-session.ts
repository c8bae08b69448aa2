import type { LicenseErrorCode } from '../../protocol'

/** What {@link Floating.checkout} may be told. */
export interface CheckoutOptions {
  /**
   * Tells the users of one host apart, 1 to 256 characters. A seat is one host and one user: processes that give the
   * same (or none) share a seat, and the first to check in ends it for all.
   */
  readonly userIdentifier?: string | undefined
  /** Shown to the vendor beside the session, e.g. "Ada's laptop"; 1 to 64 characters. */
  readonly deviceTag?: string | undefined
  /** Checks in when the process has nothing left to do (`beforeExit`). Default true. */
  readonly checkinOnExit?: boolean | undefined
  /**
   * Checks in on SIGINT, SIGTERM and SIGHUP, then lets the signal do its work unless the app listens for it too.
   * Default false.
   */
  readonly handleSignals?: boolean | undefined
}

/** The kit's half of floating licenses. */
export interface Floating {
  /**
   * Takes a seat of a floating license, online, and keeps it until {@link FloatingSession.checkin}. A host that holds
   * the seat already, after a crash say, gets it back. Needs no `activate()` and stores nothing.
   *
   * @param licenseKey as the person typed it; case and outer white space do not matter
   * @throws {TypeError} when `licenseKey` is no string, or an option is unknown
   * @throws {LicenseError} ACTIVATION_LIMIT_REACHED when every seat is taken; LICENSE_NOT_FOUND, LICENSE_BLOCKED,
   * LICENSE_EXPIRED, CUSTOMER_INACTIVE or HOST_NOT_ALLOWED when the server refuses; WRONG_LICENSE_TYPE when the license
   * is no floating one; INVALID_REQUEST when key, user or tag are malformed
   * @throws {LicenseError} INVALID_ACCESS_TOKEN, INSUFFICIENT_PERMISSIONS, SERVER_REFUSED, SERVER_UNREACHABLE,
   * RATE_LIMITED, IDEMPOTENCY_IN_FLIGHT or HOST_ID_UNAVAILABLE as `activate()`
   * @example
   * ```ts
   * const session = await kit.floating.checkout(licenseKey, { userIdentifier: os.userInfo().username })
   * session.on('lost', ({ message }) => saveWorkAndAsk(message))
   * app.on('before-quit', () => session.checkin())
   * ```
   */
  checkout(licenseKey: string, options?: CheckoutOptions): Promise<FloatingSession>
}

/**
 * - `held`: the seat is ours.
 * - `at-risk`: the last renewal failed, or the computer has slept past the lease; still ours as far as anybody knows.
 * - `lost`: the lease has lapsed without contact, or the server has refused. In the first case the session goes on
 *   trying, and may come back to `held`.
 * - `ended`: checked in.
 */
export type SessionStatus = 'held' | 'at-risk' | 'lost' | 'ended'

/** What listeners are told, by event name. */
export interface SessionEvents {
  /** The lease was renewed, or the seat taken anew where it had lapsed. */
  readonly renewed: { readonly expiresAt: Date }
  /** A renewal failed. It is tried again before long; nothing needs to be done while the status is `at-risk`. */
  readonly trouble: { readonly code: LicenseErrorCode; readonly message: string; readonly expiresAt: Date }
  /** The seat is no longer ours. `final`: the server has said so, and nothing more is tried. */
  readonly lost: { readonly code: LicenseErrorCode; readonly message: string; readonly final: boolean }
  /** Trouble is over, or a lost seat was regained. */
  readonly recovered: { readonly expiresAt: Date }
}

/** What came of giving up the seat. */
export interface CheckinResult {
  /**
   * - `freed`: the server has freed the seat.
   * - `already-free`: the server knows of no such session, or of no such license.
   * - `taken-over`: another process of the same seat has checked out since; the seat is its own now.
   * - `unanswered`: nobody could be asked. The seat frees itself when its lease lapses.
   */
  readonly outcome: 'freed' | 'already-free' | 'taken-over' | 'unanswered'
}

/**
 * A seat of a floating license. Renews itself in the background, before half of its lease is over, survives sleep,
 * and never keeps the process alive. Nothing it does by itself throws: trouble comes as events, and there is no `error`
 * event to forget. A listener that throws, or rejects, is reported as a process warning.
 */
export interface FloatingSession {
  readonly sessionId: string
  readonly status: SessionStatus
  /** When the lease lapses unless renewed, by the server's clock. */
  readonly expiresAt: Date
  /** The license's metadata at the last checkout. */
  readonly metadata: Readonly<Record<string, unknown>> | null
  /** Seats taken at the last checkout, this one included. */
  readonly currentSessions: number
  /** Seats there are; null for unlimited. */
  readonly maxSessions: number | null
  /**
   * Listens for an event.
   * @returns stops listening
   * @throws {TypeError} for an unknown event name, or a listener that is no function
   */
  on<Name extends keyof SessionEvents>(name: Name, listener: (event: SessionEvents[Name]) => unknown): () => void
  /**
   * Gives up the seat, within `deactivateTimeoutMs`. Never throws for being offline. Calling it again returns the same
   * result.
   *
   * Await it before `process.exit()`, which leaves no time for the network: the seat then stays taken until its lease
   * lapses. The same goes for a crash.
   */
  checkin(): Promise<CheckinResult>
}
