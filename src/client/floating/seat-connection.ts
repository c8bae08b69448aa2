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

type Parts = Pick<OnlineContext, 'config' | 'post' | 'randomId'>

/** A request that has no final answer yet. It keeps its idempotency key until it has one. */
interface Intent {
  readonly path: '/key/heartbeat' | '/key/checkout'
  readonly idempotencyKey: string
}

/**
 * One seat's dealings with the server: its secret, its nonce and its last request. It has no timers and no events, and takes
 * one call at a time. All its fields are private, so that a logger shows none of them.
 */
export class SeatConnection {
  readonly #parts: Parts
  readonly #target: SeatTarget
  readonly #proofKey: ProofKey | undefined
  #grant: SeatGrant
  #intent: Intent | undefined

  constructor(parts: Parts, target: SeatTarget, proofKey: ProofKey | undefined, grant: SeatGrant) {
    this.#parts = parts
    this.#target = target
    this.#proofKey = proofKey
    this.#grant = grant
  }

  /** The seat as the server granted or renewed it last. */
  get grant(): SeatGrant {
    return this.#grant
  }

  /**
   * Renews the lease in one try: a heartbeat. When the session is gone or its secret was replaced, a checkout of the same
   * seat follows. A request without an answer is repeated at the next call, with the same idempotency key.
   */
  async renew(): Promise<Reply<SeatGrant>> {
    const { tryTimeoutMs } = this.#parts.config
    if (this.#intent?.path !== '/key/checkout') {
      const reply = await this.#attempt('/key/heartbeat', tryTimeoutMs)
      if (reply.kind !== 'stale') return reply
    }
    return await this.#attempt('/key/checkout', tryTimeoutMs)
  }

  /** Gives up the seat, within the time given. */
  async checkin(totalTimeoutMs: number): Promise<CheckinResult> {
    const deadline = performance.now() + totalTimeoutMs
    // The answer to the last heartbeat is missing, and its nonce may be used up. The same heartbeat brings the next nonce.
    if (this.#intent?.path === '/key/heartbeat') await this.#attempt('/key/heartbeat', totalTimeoutMs / 2)
    const sending = {
      idempotencyKey: this.#parts.randomId(),
      totalTimeoutMs: Math.max(1, deadline - performance.now()),
    }
    const answer = await postProof(this.#parts, '/key/checkin', this.#target, this.#grant, sending)
    return { outcome: this.#outcomeOf(replyOf(answer, () => true)) }
  }

  async #attempt(path: Intent['path'], totalTimeoutMs: number): Promise<Reply<SeatGrant>> {
    if (this.#intent?.path !== path) this.#intent = { path, idempotencyKey: this.#parts.randomId() }
    const { idempotencyKey } = this.#intent
    const sending = { idempotencyKey, totalTimeoutMs, maxTries: 1 }
    const answer =
      path === '/key/checkout'
        ? await postCheckout(this.#parts, this.#target, this.#proofKey, sending)
        : await postProof(this.#parts, path, this.#target, this.#grant, sending)
    const reply = replyOf(answer, (success) => this.#read(path, success))
    if (answer.kind !== 'inconclusive') this.#intent = undefined
    if (reply.kind === 'granted') this.#grant = reply.value
    return reply
  }

  #read(path: Intent['path'], answer: Success): SeatGrant | undefined {
    if (path === '/key/checkout') return readGrant(answer)
    const renewal = readRenewal(answer)
    return renewal && { ...this.#grant, ...renewal }
  }

  #outcomeOf(reply: Reply<true>): CheckinResult['outcome'] {
    if (reply.kind === 'granted') return 'freed'
    if (reply.kind === 'refused') return reply.code === 'LICENSE_NOT_FOUND' ? 'already-free' : 'unanswered'
    // A request without an answer may have made a newer session or nonce that never reached us.
    if (reply.kind === 'unanswered' || this.#intent !== undefined) return 'unanswered'
    return reply.code === 'SESSION_NOT_FOUND' ? 'already-free' : 'taken-over'
  }
}
