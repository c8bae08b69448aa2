import { earliest } from './calendar'
import type { Customer } from './customer'
import { admitsHost, type License, type LicenseRefusal, refuseLicense } from './license'
import type { Product } from './product'
import type { Proof } from './proof'

/** A seat of a floating license, held under a lease that heartbeats renew. */
export interface Session {
  readonly id: string
  readonly licenseId: string
  readonly hostId: string
  /** Tells users of one host apart; empty where the app does not. */
  readonly userIdentifier: string
  readonly deviceTag: string | null
  readonly address: string | null
  /** The key that its holder has shown, by its JWK thumbprint; null where it has shown none. It is part of what a seat is. */
  readonly proofKey: string | null
  /** Key of the HMAC that signs heartbeats and the checkin. */
  readonly secret: string
  /** What the next heartbeat or checkin must present; used up by it. */
  readonly nonce: string
  readonly startedAt: Date
  readonly renewedAt: Date
  /** When the lease lapses, and with it the seat, whether or not anybody notices. */
  readonly expiresAt: Date
}

/** What the caller of a checkout chooses; the storage step adds the rest. */
export type NewSession = Pick<Proof, 'trusted'> &
  Pick<Session, 'id' | 'hostId' | 'userIdentifier' | 'deviceTag' | 'address' | 'proofKey' | 'secret' | 'nonce'>

export const DEFAULT_HEARTBEAT_INTERVAL_SECONDS = 300
export const DEFAULT_SESSION_LEASE_SECONDS = 900

/** Why a checkout is refused; `limit-reached` and `proof-required` are the storage step's own to find. */
export type CheckoutRefusal = LicenseRefusal | 'wrong-type' | 'host-not-allowed' | 'proof-required' | 'limit-reached'

/** The rule of taking a seat, but for the number of seats: why it is refused, or undefined. */
export function refuseCheckout(
  license: License,
  customer: Customer | null,
  hostId: string,
  now: Date,
): Exclude<CheckoutRefusal, 'limit-reached' | 'proof-required'> | undefined {
  const refusal = refuseLicense(license, customer, now)
  if (refusal !== undefined) return refusal
  if (license.type !== 'floating') return 'wrong-type'
  return admitsHost(license, hostId) ? undefined : 'host-not-allowed'
}

/** A lapsed session holds no seat, from that very millisecond on. */
export function isLive(session: Pick<Session, 'expiresAt'>, now: Date): boolean {
  return now < session.expiresAt
}

/** What tells the seats of one user of a host apart: whoever merely knows the host's id has none of its seats, and keeps none from it. */
export function seatKeyOf({ proofKey }: Pick<Session, 'proofKey'>): string {
  return proofKey ?? ''
}

/** True where the product asks every app for a key to check a seat out, and none is shown. */
export function lacksSeatProof(
  { requireProof }: Pick<Product, 'requireProof'>,
  { trusted, proofKey }: Pick<NewSession, 'trusted' | 'proofKey'>,
): boolean {
  return trusted !== true && requireProof && proofKey === null
}

/** True when a seat more may be taken while `live` are held. */
export function hasFreeSeat(license: Pick<License, 'maxConcurrentSessions'>, live: number): boolean {
  return license.maxConcurrentSessions === null || live < license.maxConcurrentSessions
}

/** The session a checkout makes at `now`. */
export function startSession(license: License, { trusted: _, ...session }: NewSession, now: Date): Session {
  return { ...session, licenseId: license.id, startedAt: now, renewedAt: now, expiresAt: leaseEnd(license, now) }
}

/** The session of a seat that is checked out again: the same id and key, with a new secret, nonce and lease. */
export function resumeSession(license: License, held: Session, session: NewSession, now: Date): Session {
  const { id, startedAt, proofKey } = held
  return { ...startSession(license, session, now), id, startedAt, proofKey }
}

/** The session after a heartbeat: its nonce is used up, its lease begins anew. */
export function extendSession(license: License, session: Session, nextNonce: string, now: Date): Session {
  return { ...session, nonce: nextNonce, renewedAt: now, expiresAt: leaseEnd(license, now) }
}

/** Never later than the license itself. */
function leaseEnd(license: License, now: Date): Date {
  const lapses = new Date(now.getTime() + (license.sessionLeaseSeconds ?? DEFAULT_SESSION_LEASE_SECONDS) * 1000)
  return earliest(lapses, license.expiresAt) ?? lapses
}
