import type { Customer } from './customer'
import { type Decided, type EntityChange, insert, only, rely, remove, replace } from './decision'
import { isSoldFor, type License } from './license'
import type { Product } from './product'
import {
  type CheckoutRefusal,
  hasFreeSeat,
  isLive,
  lacksSeatProof,
  type NewSession,
  refuseCheckout,
  resumeSession,
  type Session,
  startSession,
} from './session'

export type CheckoutOutcome =
  | {
      readonly kind: 'created' | 'existing'
      readonly license: License
      readonly product: Product
      readonly customer: Customer | null
      readonly session: Session
      /** How many sessions are live after the step, this one included. */
      readonly liveSessions: number
    }
  | { readonly kind: CheckoutRefusal }
  | { readonly kind: 'gone' }

/** What a checkout is decided on. */
export interface CheckoutFacts {
  readonly accountId: string
  readonly license: License | null
  readonly product: Product | null
  readonly customer: Customer | null
  /** The sessions of this host and user with the caller's key, and without one, live or lapsed; all of them for the vendor. */
  readonly seats: readonly Session[]
  /** How many sessions of the license are live. */
  readonly live: number
  /** The sessions of the license that lapsed last. */
  readonly lapsed: readonly Session[]
}

/**
 * Takes a seat of a floating license. In this order: `gone` unless the license is sold for the product; what
 * `refuseCheckout` says; `proof-required`; `existing` when this seat has a live session, whatever the limit; `limit-reached`;
 * else `created`. A seat that was taken without a key is anybody's, as ever. Under another key the same host and user have
 * another seat; the vendor goes on with whichever they have.
 */
export function decideCheckout(facts: CheckoutFacts, asked: NewSession, now: Date): Decided<CheckoutOutcome> {
  const { accountId, license, product, customer, live } = facts
  if (license === null || !isSoldFor(license, product, accountId)) return only({ kind: 'gone' })
  const refusal = refuseCheckout(license, customer, asked.hostId, now)
  if (refusal !== undefined) return { ...only({ kind: refusal }), about: license }

  if (lacksSeatProof(product, asked)) return only({ kind: 'proof-required' })
  const held = findSeat(facts, asked, now)
  const rows = { license, product, customer }
  const relied = [...rely('product', product), ...rely('customer', customer)]
  if (held !== undefined) {
    const session = resumeSession(license, held, asked, now)
    return {
      outcome: { ...rows, kind: 'existing', session, liveSessions: live },
      changes: [replace('session', held, session), ...rely('license', license), ...relied],
    }
  }
  if (!hasFreeSeat(license, live)) return { ...only({ kind: 'limit-reached' }), about: license }
  const session = startSession(license, asked, now)
  return {
    outcome: { ...rows, kind: 'created', session, liveSessions: live + 1 },
    changes: [...makeRoom(license, facts), insert('session', session), ...relied],
  }
}

function findSeat({ seats }: CheckoutFacts, asked: NewSession, now: Date): Session | undefined {
  const live = seats.filter((one) => isLive(one, now))
  const own = live.find(({ proofKey }) => proofKey === asked.proofKey) ?? live.find(({ proofKey }) => proofKey === null)
  return own ?? (asked.trusted === true ? live[0] : undefined)
}

/**
 * The license changes with each seat taken, so that two checkouts cannot both take the last, and no deletion leaves behind a
 * session that it has not seen. Where seats are counted, the lapsed sessions go, so that a late heartbeat of one cannot bring
 * back a seat that was not counted.
 */
function makeRoom(license: License, { seats, lapsed }: CheckoutFacts): readonly EntityChange[] {
  const isCounted = license.maxConcurrentSessions !== null
  const others = isCounted ? lapsed.filter(({ id }) => seats.every((seat) => seat.id !== id)) : []
  return [
    ...[...seats, ...others].map((session) => remove('session', session)),
    replace('license', license, { ...license }),
  ]
}
