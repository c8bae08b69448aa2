import type { LicenseErrorCode } from '../../protocol'
import type { OnlineContext } from '../kit-context'
import { errorSentence } from '../words/error-messages'
import type { ExitHooks } from './exit-hooks'
import type { CheckinResult, FloatingSession, SessionEvents, SessionStatus } from './floating-session'
import type { SeatConnection } from './seat-connection'
import { SessionListeners } from './session-listeners'
import type { Stopwatch, Timepiece } from './stopwatch'
import { leaseMs, renewalPauseMs, retryPauseMs, WAKE_PATIENCE_MS, WATCH_MS } from './timetable'

/** What a seat needs of the kit. */
export interface SeatParts extends Pick<OnlineContext, 'config' | 'clock' | 'random'> {
  readonly connection: SeatConnection
  readonly timepiece: Timepiece
  readonly exitHooks: ExitHooks
}

/** A length of time that has begun. */
interface Span {
  readonly since: Stopwatch
  readonly lengthMs: number
}

/**
 * A seat that keeps itself. One timer runs at a time, and at most one request: a tick looks at the clocks, and renews
 * where that is due or the computer has slept. No tick ever throws.
 */
export class HeldSeat implements FloatingSession {
  readonly #parts: SeatParts
  readonly #listeners = new SessionListeners()
  readonly #leaveHooks: () => void
  #status: SessionStatus = 'held'
  /** True once the server has refused: nothing more is tried. */
  #refused = false
  #lease: Span
  /** Until the next renewal. */
  #pause: Span
  #lastTick: Stopwatch
  /** Started when the computer was last found to have slept. */
  #awake: Stopwatch | undefined
  #failures = 0
  #lastTrouble: LicenseErrorCode = 'SERVER_UNREACHABLE'
  #cancelTimer = () => {}
  #working: Promise<void> | undefined
  #checkin: Promise<CheckinResult> | undefined

  /** @param asked started when the checkout was sent: the lease is counted from there, to be on the safe side */
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
    // Between waking and the first tick.
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
    // What is under way may use our nonce up, and brings the next one.
    if (this.#working !== undefined) await waitAtMost(this.#working, config.deactivateTimeoutMs / 2)
    return await connection.checkin(Math.max(1, deadline - performance.now()))
  }

  #startTimer(): void {
    // In doubt, the end of the lease is not to be missed.
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
    // Until the server says otherwise, the seat may be somebody else's by now.
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
    const justAwake = this.#awake !== undefined && this.#awake.elapsedMs() < WAKE_PATIENCE_MS
    if (this.#status === 'at-risk' && isOver(this.#lease) && !justAwake) this.#lose(this.#lastTrouble, false)
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

/** Holds the process while it waits: this is how it ends in good order. */
async function waitAtMost(work: Promise<unknown>, timeoutMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const timeout = new Promise((resolve) => {
    timer = setTimeout(resolve, timeoutMs)
  })
  await Promise.race([work, timeout])
  clearTimeout(timer)
}
