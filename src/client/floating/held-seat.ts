import type { LicenseErrorCode } from '../../protocol'
import { withTimeout } from '../../waiting/with-timeout'
import type { OnlineContext } from '../kit-context'
import { NOBODY_ANSWERED } from '../wire/unanswered'
import { errorSentence } from '../words/error-sentences'
import type { ExitHooks } from './exit-hooks'
import type { CheckinResult, FloatingSession, SessionEvents, SessionStatus } from './floating-session'
import type { SeatConnection } from './seat-connection'
import { leaseMs, renewalPauseMs, retryPauseMs, WAKE_PATIENCE_MS, WATCH_MS } from './seat-timetable'
import { SessionListeners } from './session-listeners'
import type { Stopwatch, Timepiece } from './stopwatch'

/** The parts of the kit that a seat needs. */
export interface SeatParts extends Pick<OnlineContext, 'config' | 'clock' | 'random'> {
  readonly connection: SeatConnection
  readonly timepiece: Timepiece
  readonly exitHooks: ExitHooks
}

/** Troubles in which no server has answered what was asked. */
const NOBODY_ANSWERS: readonly string[] = [...NOBODY_ANSWERED, 'RATE_LIMITED', 'IDEMPOTENCY_IN_FLIGHT']

/** A span of time that has begun. */
interface Span {
  readonly since: Stopwatch
  readonly lengthMs: number
}

/**
 * A seat that renews itself. There is one timer and at most one request at a time. When the timer fires (a tick), the seat
 * looks at the clocks, and renews its lease when that is due or the computer has slept. A tick never throws.
 */
export class HeldSeat implements FloatingSession {
  readonly #parts: SeatParts
  readonly #listeners = new SessionListeners()
  readonly #leaveHooks: () => void
  #status: SessionStatus = 'held'
  /** True after the server has refused: the seat tries nothing more. */
  #refused = false
  #lease: Span
  /** The time until the next renewal. */
  #pause: Span
  #lastTick: Stopwatch
  /** Started when the seat last noticed that the computer had slept. */
  #awake: Stopwatch | undefined
  #failures = 0
  #lastTrouble: LicenseErrorCode = 'SERVER_UNREACHABLE'
  #cancelTimer = () => {}
  #working: Promise<void> | undefined
  #checkin: Promise<CheckinResult> | undefined

  /** @param asked started when the checkout was sent. The lease is counted from then on, to be on the safe side. */
  constructor(parts: SeatParts, asked: Stopwatch, leaving: { readonly exit: boolean; readonly signals: boolean }) {
    this.#parts = parts
    this.#lastTick = parts.timepiece.start()
    this.#lease = this.#leaseSince(asked)
    this.#pause = this.#pauseToRenewal()
    this.#startTimer()
    this.#leaveHooks = parts.exitHooks.add(this, leaving)
  }

  get sessionId(): string {
    return this.#parts.connection.grant.sessionId
  }

  get status(): SessionStatus {
    // The computer is awake again, and no tick has noticed yet.
    return this.#status === 'held' && isOver(this.#lease) ? 'at-risk' : this.#status
  }

  get expiresAt(): Date {
    return new Date(this.#parts.connection.grant.expiresAt)
  }

  get metadata(): Readonly<Record<string, unknown>> | null {
    return this.#parts.connection.grant.metadata
  }

  get currentSessions(): number {
    return this.#parts.connection.grant.currentSessions
  }

  get maxSessions(): number | null {
    return this.#parts.connection.grant.maxSessions
  }

  on<Name extends keyof SessionEvents>(name: Name, listener: (event: SessionEvents[Name]) => unknown): () => void {
    return this.#listeners.add(name, listener)
  }

  checkin(): Promise<CheckinResult> {
    this.#checkin ??= this.#end().catch((): CheckinResult => ({ outcome: 'unanswered' }))
    return this.#checkin
  }

  async #end(): Promise<CheckinResult> {
    this.#status = 'ended'
    this.#cancelTimer()
    this.#leaveHooks()
    const { connection, config } = this.#parts
    const deadline = performance.now() + config.deactivateTimeoutMs
    // The request under way may use up the nonce, and brings the next one. The process stays alive while this waits.
    await withTimeout(async () => await this.#working, config.deactivateTimeoutMs / 2).catch(() => undefined)
    return await connection.checkin(Math.max(1, deadline - performance.now()))
  }

  #startTimer(): void {
    // At risk, the timer fires at the end of the lease at the latest.
    const lease = this.#status === 'at-risk' && !isOver(this.#lease) ? remainingMs(this.#lease) : WATCH_MS
    const delayMs = Math.max(0, Math.min(WATCH_MS, lease, remainingMs(this.#pause)))
    this.#cancelTimer = this.#parts.clock.startTimer(() => this.#tick(), Math.ceil(delayMs))
  }

  #tick(): void {
    this.#working = this.#work()
      .catch(() => this.#meetTrouble('SERVER_UNREACHABLE', 0))
      .finally(() => {
        this.#working = undefined
        if (this.#status !== 'ended' && !this.#refused) this.#startTimer()
      })
  }

  async #work(): Promise<void> {
    const slept = this.#lastTick.slept()
    this.#lastTick = this.#parts.timepiece.start()
    if (slept) this.#wake()
    if (slept || isOver(this.#pause)) await this.#renew()
    else this.#noticeLapse()
  }

  #wake(): void {
    this.#awake = this.#lastTick
    // Somebody else may hold the seat by now; the server tells.
    if (this.#status === 'held' && isOver(this.#lease)) this.#status = 'at-risk'
  }

  async #renew(): Promise<void> {
    const asked = this.#parts.timepiece.start()
    const reply = await this.#parts.connection.renew()
    if (this.#status === 'ended') return
    if (reply.kind === 'granted') this.#hold(asked)
    else if (reply.kind === 'refused') this.#lose(reply.code, true)
    else this.#meetTrouble(reply.code, reply.kind === 'unanswered' ? reply.retryAfterMs : 0)
  }

  #hold(asked: Stopwatch): void {
    const wasHeld = this.#status === 'held'
    this.#status = 'held'
    this.#failures = 0
    this.#lease = this.#leaseSince(asked)
    this.#pause = this.#pauseToRenewal()
    const { expiresAt } = this
    this.#listeners.emit('renewed', { expiresAt })
    // A listener may have checked in.
    if (!wasHeld && this.status !== 'ended') this.#listeners.emit('recovered', { expiresAt })
  }

  #meetTrouble(code: LicenseErrorCode, retryAfterMs: number): void {
    if (this.#status === 'ended') return
    const { timepiece, random } = this.#parts
    this.#failures++
    this.#lastTrouble = code
    this.#pause = { since: timepiece.start(), lengthMs: retryPauseMs(this.#failures, retryAfterMs, random()) }
    if (this.#status === 'held') this.#status = 'at-risk'
    this.#listeners.emit('trouble', { code, message: errorSentence(code), expiresAt: this.expiresAt })
    this.#noticeLapse()
  }

  #noticeLapse(): void {
    if (this.#status === 'held' || !isOver(this.#lease)) return
    // Until its lease is over, another process of this computer may still hand on a newer nonce.
    const isTakenOver = this.#lastTrouble === 'INVALID_SESSION_SIGNATURE'
    if (NOBODY_ANSWERS.includes(this.#lastTrouble) && remainingMs(this.#lease) + this.#parts.connection.outageMs > 0)
      return
    const justAwake = this.#awake !== undefined && this.#awake.elapsedMs() < WAKE_PATIENCE_MS
    if (isTakenOver || (this.#status === 'at-risk' && !justAwake)) this.#lose(this.#lastTrouble, isTakenOver)
  }

  #lose(code: LicenseErrorCode, final: boolean): void {
    this.#status = 'lost'
    this.#refused = final
    if (final) this.#leaveHooks()
    this.#listeners.emit('lost', { code, message: errorSentence(code), final })
  }

  #leaseSince(asked: Stopwatch): Span {
    const { connection, config } = this.#parts
    return { since: asked, lengthMs: leaseMs(connection.grant, config.now) }
  }

  #pauseToRenewal(): Span {
    const { connection, random, timepiece } = this.#parts
    const lengthMs = renewalPauseMs(remainingMs(this.#lease), connection.grant, random())
    return { since: timepiece.start(), lengthMs }
  }
}

function remainingMs({ since, lengthMs }: Span): number {
  return lengthMs - since.elapsedMs()
}

function isOver(span: Span): boolean {
  return remainingMs(span) <= 0
}
