import type { Customer } from '../../domain/customer'
import type { License } from '../../domain/license'
import {
  type CheckoutRefusal,
  extendSession,
  hasFreeSeat,
  isLive,
  type NewSession,
  refuseCheckout,
  resumeSession,
  type Session,
  startSession,
} from '../../domain/session'
import type { ActivationTarget, ClaimSessionOutcome, SessionTarget } from '../contract'
import type { SessionVerbs } from '../verb-families'
import { customerBySeq } from './customer-verbs'
import { OF_LICENSE, readSoldFor, type SoldLicense } from './license-rows'
import { type SessionRow, sessionRecord, toSession } from './session-rows'
import { runStep } from './steps'
import type { Store } from './store'

/** Floating licenses: the seats that are out. */
export function sessionVerbs(store: Store): SessionVerbs {
  return {
    claimSession: (accountId, target, session, step) =>
      runStep(
        store,
        accountId,
        step,
        () => checkOut(store, accountId, target, session, step.now),
        () => refuseByReading(store, accountId, target, session, step.now),
      ),

    findSession: (accountId, target, now) =>
      store.read(() => {
        const held = readSession(store, accountId, target, now)
        return 'kind' in held ? held : { kind: 'found', license: held.license, session: held.session }
      }),

    renewSession: (accountId, target, { nonce, nextNonce }, step) =>
      runStep(store, accountId, step, () => {
        const held = readSession(store, accountId, target, step.now)
        if ('kind' in held) return held
        const { license, session, seq } = held
        if (session.nonce !== nonce) return { kind: 'bad-nonce' }
        if (license.blocked) return { kind: 'blocked' }
        const renewed = extendSession(license, session, nextNonce, step.now)
        // Only what a heartbeat changes: a column named here has its indexes written.
        const extend = store.sql('UPDATE sessions SET nonce = ?, renewed_at = ?, expires_at = ? WHERE seq = ?')
        extend.run(renewed.nonce, renewed.renewedAt, renewed.expiresAt, seq)
        return { kind: 'renewed', license, session: renewed }
      }),

    releaseSession: (accountId, target, nonce, step) =>
      runStep(store, accountId, step, () => {
        const held = readSession(store, accountId, target, step.now)
        if ('kind' in held) return held
        const { license, session, seq } = held
        if (session.nonce !== nonce) return { kind: 'bad-nonce' }
        store.sql('DELETE FROM sessions WHERE seq = ?').run(seq)
        return { kind: 'released', license, session }
      }),

    listSessions: (accountId, licenseId, now, page) =>
      store.read(() =>
        store.list(
          {
            columns: '*',
            from: 'sessions',
            where: `${OF_LICENSE} AND expires_at > ?`,
            orderBy: 'started_at, seq',
            toEntity: (row: SessionRow) => toSession(row, licenseId),
          },
          [licenseId, accountId, now],
          page,
        ),
      ),
  }
}

interface CheckoutRows {
  readonly sold: SoldLicense
  readonly customer: Customer | null
  /** The seat's own row, lapsed or live. */
  readonly seat: SessionRow | undefined
  readonly live: number
}

/** The answer to a checkout that is refused. A snapshot is as good as a step, and waiting clients cost no write. */
function refuseByReading(
  store: Store,
  accountId: string,
  target: ActivationTarget,
  session: NewSession,
  now: Date,
): ClaimSessionOutcome | undefined {
  const rows = readCheckout(store, accountId, target, session, now)
  return 'kind' in rows ? rows : undefined
}

function checkOut(
  store: Store,
  accountId: string,
  target: ActivationTarget,
  newSession: NewSession,
  now: Date,
): ClaimSessionOutcome {
  const rows = readCheckout(store, accountId, target, newSession, now)
  if ('kind' in rows) return rows
  const { sold, customer, seat, live } = rows
  const { license, product, row } = sold
  const held = seat && toSession(seat, license.id)

  if (seat !== undefined && held !== undefined && isLive(held, now)) {
    const session = resumeSession(license, held, newSession, now)
    store.update('sessions', seat.seq, sessionRecord(row.seq, session))
    return { kind: 'existing', license, product, customer, session, liveSessions: live }
  }
  if (seat !== undefined) store.sql('DELETE FROM sessions WHERE seq = ?').run(seat.seq)
  const session = startSession(license, newSession, now)
  store.insert('sessions', sessionRecord(row.seq, session))
  return { kind: 'created', license, product, customer, session, liveSessions: live + 1 }
}

/** What a checkout is decided on, or why it is refused. */
function readCheckout(
  store: Store,
  accountId: string,
  target: ActivationTarget,
  { hostId, userIdentifier }: NewSession,
  now: Date,
): CheckoutRows | { readonly kind: CheckoutRefusal | 'gone' } {
  const sold = readSoldFor(store, accountId, target)
  if (sold === undefined) return { kind: 'gone' }
  const customer = customerBySeq(store, sold.row.customer_seq)
  const refusal = refuseCheckout(sold.license, customer, hostId, now)
  if (refusal !== undefined) return { kind: refusal }

  const ofSeat = 'SELECT * FROM sessions WHERE license_seq = ? AND host_id = ? AND user_identifier = ?'
  const seat = store.sql<SessionRow>(ofSeat).get(sold.row.seq, hostId, userIdentifier)
  const live = countLive(store, sold.row.seq, now)
  const isHeld = seat !== undefined && isLive(toSession(seat, sold.license.id), now)
  return isHeld || hasFreeSeat(sold.license, live) ? { sold, customer, seat, live } : { kind: 'limit-reached' }
}

/** Lapsed ones are not looked at, however many there are. */
function countLive(store: Store, licenseSeq: number, now: Date): number {
  const text = 'SELECT count(*) AS live FROM sessions WHERE license_seq = ? AND expires_at > ?'
  return store.sql<{ live: number }>(text).get(licenseSeq, now)?.live ?? 0
}

interface Held {
  readonly license: License
  readonly session: Session
  readonly seq: number
}

/** A live session, or how it is missing. */
function readSession(
  store: Store,
  accountId: string,
  target: SessionTarget,
  now: Date,
): Held | { readonly kind: 'not-found' | 'gone' } {
  const sold = readSoldFor(store, accountId, target)
  if (sold === undefined) return { kind: 'gone' }
  const { row, license } = sold
  const text = 'SELECT * FROM sessions WHERE id = ? AND license_seq = ?'
  const found = store.sql<SessionRow>(text).get(target.sessionId, row.seq)
  if (found === undefined) return { kind: 'not-found' }
  const session = toSession(found, license.id)
  return isLive(session, now) ? { license, session, seq: found.seq } : { kind: 'not-found' }
}
