import type { LicenseErrorCode } from '../../protocol'
import type { WaitOptions } from '../words/wait-options'

/** The options of {@link Floating.checkout}. */
export interface CheckoutOptions extends WaitOptions {
  /**
   * Tells the users of one host apart, 1 to 256 characters. One seat is for one user on one host. Processes that give the
   * same user (or none) share a seat, and the first one that checks in ends it for all.
   */
  readonly userIdentifier?: string | undefined
  /** Shown to the vendor beside the session, e.g. "Ada's laptop". What is beyond 64 characters is left out. */
  readonly deviceTag?: string | undefined
  /** Checks in when the process has nothing left to do (`beforeExit`). Default true. */
  readonly checkinOnExit?: boolean | undefined
  /**
   * Checks in on SIGINT, SIGTERM and SIGHUP. The signal then ends the process, unless the app listens for it, too.
   * Default false.
   */
  readonly handleSignals?: boolean | undefined
  /**
   * How long the seat stays usable (`at-risk`, not `lost`) beyond its lease while no server answers, in seconds: never past
   * the end of the license, and only by a lease that the server has signed. Meanwhile the server may give the seat to somebody
   * else. 0: not at all. Default 14,400, four hours.
   */
  readonly outageGraceSeconds?: number | undefined
}

/** The part of a kit for floating licenses. */
export interface Floating {
  /**
   * Takes a seat of a floating license, online, and keeps it until {@link FloatingSession.checkin}. A host that still holds
   * the seat, for example after a crash, gets it back. Needs no `activate()`; the data folder keeps the seat's key and last nonce. Where this host has no id and
   * none can be kept (a container whose files cannot be written), each process is a host of its own.
   *
   * @param licenseKey as the person typed it; case and outer white space do not matter
   * @throws {TypeError} when `licenseKey` is no string, `outageGraceSeconds` is no whole number, or an option is unknown
   * @throws {LicenseError} ACTIVATION_LIMIT_REACHED when every seat is taken; LICENSE_NOT_FOUND, LICENSE_BLOCKED,
   * LICENSE_EXPIRED, CUSTOMER_INACTIVE or HOST_NOT_ALLOWED when the server refuses; WRONG_LICENSE_TYPE when the license
   * is no floating one; INVALID_REQUEST when key, user or tag are malformed
   * @throws {LicenseError} INVALID_ACCESS_TOKEN, INSUFFICIENT_PERMISSIONS, SERVER_REFUSED, SERVER_UNREACHABLE,
   * RATE_LIMITED or IDEMPOTENCY_IN_FLIGHT as `activate()`
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
 * - `at-risk`: the last renewal failed, or the computer has slept past the end of the lease. The seat is probably still ours.
 *   While nobody answers it stays so for `outageGraceSeconds` beyond the lease.
 * - `lost`: the lease, and that time, has lapsed without contact, or the server has refused. After a lapse the session goes on trying, and
 *   may come back to `held`.
 * - `ended`: the seat was checked in.
 */
export type SessionStatus = 'held' | 'at-risk' | 'lost' | 'ended'

/** The events of a session, by name. */
export interface SessionEvents {
  /** The lease was renewed, or the seat was taken again after its lease had lapsed. */
  readonly renewed: { readonly expiresAt: Date }
  /** A renewal failed. It is tried again before long; nothing needs to be done while the status is `at-risk`. */
  readonly trouble: { readonly code: LicenseErrorCode; readonly message: string; readonly expiresAt: Date }
  /**
   * The seat is no longer ours. `final` is true when the server has said so; the session then tries nothing more. Code
   * INVALID_SESSION_SIGNATURE: a copy of this computer, or of its data folder, goes on with the seat.
   */
  readonly lost: { readonly code: LicenseErrorCode; readonly message: string; readonly final: boolean }
  /** The trouble is over, or a lost seat was taken again. */
  readonly recovered: { readonly expiresAt: Date }
}

/** What happened to the seat when it was given up. */
export interface CheckinResult {
  /**
   * - `freed`: the server has freed the seat.
   * - `already-free`: the server knows of no such session, or of no such license.
   * - `taken-over`: another process of the same seat has checked out since; the seat is its own now.
   * - `unanswered`: no server answered. The seat becomes free when its lease lapses.
   */
  readonly outcome: 'freed' | 'already-free' | 'taken-over' | 'unanswered'
}

/**
 * A seat of a floating license. It renews itself in the background before half of its lease is over, survives sleep, and
 * never keeps the process alive. Its work in the background never throws: trouble comes as events, and none of them is the
 * `error` event that ends a process without a listener. A listener that throws, or rejects, becomes a process warning.
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
   * @returns a function that stops listening
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
