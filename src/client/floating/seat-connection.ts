import type { OnlineContext } from '../kit-context'
import type { ProofKey } from '../trust/proof-key'
import type { CheckinResult } from './floating-session'
import {
  postCheckout,
  postProof,
  type Reply,
  readGrant,
  readRenewal,
  replyOf,
  type SeatGrant,
  type SeatTarget,
  type Success,
} from './seat-requests'
import type { SharedSeat } from './shared-seat'

type Parts = Pick<OnlineContext, 'config' | 'post' | 'randomId'>

/** A grant, and how many proofs of its seat there were before. */
interface Held extends SeatGrant {
  readonly turn: number
  /** How long the seat is good beyond its lease while nobody answers. */
  readonly outageMs: number
}

/** A request that has no final answer yet. It keeps its idempotency key, and what it shows, until it has one. */
interface Intent {
  readonly path: '/key/heartbeat' | '/key/checkout'
  readonly idempotencyKey: string
  readonly shown: Held
}

/** Whose seat it is, and how its holder proves that. */
export interface SeatOwner {
  readonly target: SeatTarget
  readonly proofKey: ProofKey | undefined
  readonly shared: SharedSeat
  /** See `outageMsOf`. */
  readonly outageMsOf: (answer: Success, grant: SeatGrant) => Promise<number>
}

/**
 * One seat's dealings with the server: its secret, its nonce and its last request. It has no timers and no events, and takes
 * one call at a time. All its fields are private, so that a logger shows none of them.
 */
export class SeatConnection {
  readonly #parts: Parts
  readonly #owner: SeatOwner
  #held: Held
  #intent: Intent | undefined

  private constructor(parts: Parts, owner: SeatOwner, held: Held) {
    this.#parts = parts
    this.#owner = owner
    this.#held = held
  }

  /** The connection of a seat that was just checked out. */
  static async open(parts: Parts, owner: SeatOwner, answer: Success, grant: SeatGrant): Promise<SeatConnection> {
    const connection = new SeatConnection(parts, owner, { ...grant, turn: 0, outageMs: 0 })
    await connection.#hold('/key/checkout', connection.#held, answer, grant)
    return connection
  }

  /** The seat as the server granted or renewed it last. */
  get grant(): SeatGrant {
    return this.#held
  }

  /** How long it is good beyond its lease while nobody answers, in milliseconds. */
  get outageMs(): number {
    return this.#held.outageMs
  }

  /**
   * Renews the lease: a heartbeat. When the session is gone, one checkout of the same seat follows. When its nonce was used, by
   * a copy of this computer, nothing does: both would sit on one seat. A request without an answer is repeated at the
   * next call, with the same idempotency key.
   */
  async renew(): Promise<Reply<SeatGrant>> {
    const { tryTimeoutMs } = this.#parts.config
    if (this.#intent?.path !== '/key/checkout') {
      const reply = await this.#heartbeat(tryTimeoutMs)
      if (reply.kind !== 'gone') return reply
    }
    return await this.#attempt('/key/checkout', this.#held, tryTimeoutMs)
  }

  /** Gives up the seat, within the time given. */
  async checkin(totalTimeoutMs: number): Promise<CheckinResult> {
    const deadline = performance.now() + totalTimeoutMs
    // The answer to the last heartbeat is missing, and its nonce may be used up. The same heartbeat brings the next nonce.
    if (this.#intent?.path === '/key/heartbeat') {
      await this.#attempt('/key/heartbeat', this.#intent.shown, totalTimeoutMs / 2)
    }
    const sending = {
      idempotencyKey: this.#parts.randomId(),
      totalTimeoutMs: Math.max(1, deadline - performance.now()),
    }
    const { target, shared } = this.#owner
    const answer = await postProof(this.#parts, '/key/checkin', target, this.#held, sending)
    const outcome = this.#outcomeOf(replyOf(answer, () => true))
    if (outcome === 'freed') await shared.forget(this.#held.sessionId)
    return { outcome }
  }

  /** A heartbeat with the newest proof: another process of this data folder may have a newer one than this. */
  async #heartbeat(totalTimeoutMs: number): Promise<Reply<SeatGrant>> {
    const pending = this.#intent?.shown
    let reply: Reply<SeatGrant> | undefined
    const shown = new Set<string>()
    for (const proof of [pending, ...(await this.#newestFirst())]) {
      if (proof === undefined || shown.has(proof.nonce)) continue
      shown.add(proof.nonce)
      const next = await this.#attempt('/key/heartbeat', proof, totalTimeoutMs)
      if (next.kind !== 'stale' && next.kind !== 'gone') return next
      // One that is in use elsewhere outweighs one that is gone.
      reply = reply?.kind === 'stale' ? reply : next
    }
    return reply ?? { kind: 'unanswered', code: 'SERVER_UNREACHABLE', retryAfterMs: 0 }
  }

  async #newestFirst(): Promise<readonly Held[]> {
    const own = this.#held
    const kept = await this.#owner.shared.read()
    if (kept === undefined) return [own]
    const other = { ...own, ...kept }
    return kept.turn > own.turn ? [other, own] : [own, other]
  }

  async #attempt(path: Intent['path'], shown: Held, totalTimeoutMs: number): Promise<Reply<SeatGrant>> {
    if (this.#intent?.path !== path || this.#intent.shown.nonce !== shown.nonce) {
      this.#intent = { path, shown, idempotencyKey: this.#parts.randomId() }
    }
    const { idempotencyKey } = this.#intent
    const { target, proofKey } = this.#owner
    const sending = { idempotencyKey, totalTimeoutMs, maxTries: 1 }
    const answer =
      path === '/key/checkout'
        ? await postCheckout(this.#parts, target, proofKey, sending)
        : await postProof(this.#parts, path, target, shown, sending)
    const reply = replyOf(answer, (success) => this.#read(path, shown, success))
    if (answer.kind !== 'inconclusive') this.#intent = undefined
    if (reply.kind === 'granted' && answer.kind === 'success') await this.#hold(path, shown, answer, reply.value)
    return reply
  }

  /** A nonce follows from the one that was shown; a checkout begins after all that are known here. */
  async #hold(path: Intent['path'], shown: Held, answer: Success, grant: SeatGrant): Promise<void> {
    const { shared, outageMsOf } = this.#owner
    const known = path === '/key/checkout' ? ((await shared.read())?.turn ?? 0) : 0
    const outageMs = await outageMsOf(answer, grant)
    this.#held = { ...grant, outageMs, turn: Math.max(known, shown.turn) + 1 }
    await shared.keep(this.#held)
  }

  #read(path: Intent['path'], shown: Held, answer: Success): SeatGrant | undefined {
    if (path === '/key/checkout') return readGrant(answer)
    const renewal = readRenewal(answer)
    return renewal && { ...shown, ...renewal }
  }

  #outcomeOf(reply: Reply<true>): CheckinResult['outcome'] {
    if (reply.kind === 'granted') return 'freed'
    if (reply.kind === 'refused') return reply.code === 'LICENSE_NOT_FOUND' ? 'already-free' : 'unanswered'
    // A request without an answer may have made a newer session or nonce that never reached us.
    if (reply.kind === 'unanswered' || this.#intent !== undefined) return 'unanswered'
    return reply.kind === 'gone' ? 'already-free' : 'taken-over'
  }
}
