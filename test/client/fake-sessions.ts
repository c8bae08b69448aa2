import { createHmac, randomBytes } from 'node:crypto'

/** A floating session as the fake server holds it. */
export interface FakeSession {
  readonly sessionId: string
  readonly seat: string
  secret: string
  nonce: string
  expiresAt: Date
}

/** The seats of one floating license, by the description of the wire alone: checkout, heartbeat, checkin. */
export class FakeSessions {
  readonly live = new Map<string, FakeSession>()
  maxSessions = 1
  heartbeatInterval = 300
  leaseSeconds = 900

  /** Somebody else sits down. */
  occupy(seat: string, now: Date): void {
    this.#sweep(now)
    this.live.set(seat, this.#start(seat, now))
  }

  checkout(body: Record<string, unknown>, now: Date): [number, object] {
    this.#sweep(now)
    const seat = `${String(body.hostId)} ${String(body.userIdentifier ?? '')}`
    const held = this.live.get(seat)
    if (held === undefined && this.live.size >= this.maxSessions) return refusal(403, 2, 'Activation limit reached')
    const session = this.#start(seat, now, held?.sessionId)
    this.live.set(seat, session)
    const { sessionId, secret, nonce, expiresAt } = session
    const { heartbeatInterval, maxSessions } = this
    const granted = { sessionId, sessionSecret: secret, nextNonce: nonce, expiresAt, heartbeatInterval, maxSessions }
    const license = { metadata: { tier: 'studio' }, currentSessions: this.live.size }
    return [200, { code: 0, message: 'License checked out', ...granted, ...license }]
  }

  heartbeat(body: Record<string, unknown>, now: Date): [number, object] {
    const session = this.#prove(body, now)
    if (!('nonce' in session)) return session
    session.nonce = randomBytes(16).toString('base64url')
    session.expiresAt = this.#leaseEnd(now)
    const { nonce, expiresAt } = session
    return [200, { code: 0, message: 'Session renewed', expiresAt, nextNonce: nonce }]
  }

  checkin(body: Record<string, unknown>, now: Date): [number, object] {
    const session = this.#prove(body, now)
    if (!('nonce' in session)) return session
    this.live.delete(session.seat)
    return [200, { code: 0, message: 'License checked in' }]
  }

  #prove({ sessionId, timestamp, signature }: Record<string, unknown>, now: Date): FakeSession | [number, object] {
    this.#sweep(now)
    const session = [...this.live.values()].find((candidate) => candidate.sessionId === sessionId)
    if (session === undefined) return refusal(404, 1, 'Session not found')
    const expected = createHmac('sha256', session.secret).update(`${sessionId}:${session.nonce}`).digest('hex')
    if (timestamp !== session.nonce || signature !== expected) return refusal(401, 1, 'Invalid session signature')
    return session
  }

  #start(seat: string, now: Date, sessionId = randomBytes(16).toString('base64url')): FakeSession {
    const secret = randomBytes(32).toString('base64url')
    const nonce = randomBytes(16).toString('base64url')
    return { sessionId, seat, secret, nonce, expiresAt: this.#leaseEnd(now) }
  }

  #leaseEnd(now: Date): Date {
    return new Date(now.getTime() + this.leaseSeconds * 1000)
  }

  #sweep(now: Date): void {
    for (const [seat, { expiresAt }] of this.live) if (expiresAt <= now) this.live.delete(seat)
  }
}

function refusal(status: number, code: number, message: string): [number, object] {
  return [status, { message, code }]
}
