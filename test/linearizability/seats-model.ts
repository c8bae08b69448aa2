import type { Model } from './model'

/** One host more than there are seats. */
export const SEAT_HOSTS = 3
export const SEATS = 2

/** A session that is held. */
export interface Seat {
  readonly id: string
  readonly nonce: string
}

/** What is asked of a floating license. Hosts go by their numbers, and no nonce is drawn twice. */
export type SeatCall =
  /** `id`: of the session it would make. */
  | { readonly do: 'checkout'; readonly host: number; readonly id: string; readonly nonce: string }
  | { readonly do: 'renew'; readonly id: string; readonly nonce: string; readonly next: string }
  | { readonly do: 'checkin'; readonly id: string; readonly nonce: string }
  | { readonly do: 'list' | 'reset' }
  | { readonly do: 'block'; readonly blocked: boolean }

/** What callers are told, as far as the model knows it. */
export interface SeatOutcome {
  readonly kind: string
  readonly id?: string
  readonly nonce?: string
  /** The session of each host. */
  readonly seats?: SeatRow
}

/** The session of each host. */
export type SeatRow = readonly (Seat | null)[]

interface SeatState {
  readonly seats: SeatRow
  readonly blocked: boolean
}

const NONE: SeatRow = Array.from({ length: SEAT_HOSTS }, () => null)

/** A floating license with two seats, whose leases do not lapse. */
export const seatsModel: Model<SeatState, SeatCall, SeatOutcome> = {
  initial: { seats: NONE, blocked: false },
  apply(state, call) {
    switch (call.do) {
      case 'list':
        return [state, { kind: 'listed', seats: state.seats }]
      case 'reset':
        return [{ ...state, seats: NONE }, { kind: 'reset' }]
      case 'block':
        return [{ ...state, blocked: call.blocked }, { kind: 'updated' }]
      case 'checkout':
        return applyCheckout(state, call)
      default:
        return applyNonce(state, call)
    }
  },
}

function applyCheckout(
  state: SeatState,
  { host, id, nonce }: Extract<SeatCall, { do: 'checkout' }>,
): readonly [SeatState, SeatOutcome] {
  const { seats, blocked } = state
  if (blocked) return [state, { kind: 'blocked' }]
  const held = seats[host] ?? null
  if (held === null && seats.filter((seat) => seat !== null).length >= SEATS) return [state, { kind: 'limit-reached' }]
  const seat = { id: held?.id ?? id, nonce }
  return [
    { ...state, seats: seats.with(host, seat) },
    { kind: held === null ? 'created' : 'existing', ...seat },
  ]
}

function applyNonce(
  state: SeatState,
  call: Extract<SeatCall, { do: 'renew' | 'checkin' }>,
): readonly [SeatState, SeatOutcome] {
  const { seats, blocked } = state
  const host = seats.findIndex((seat) => seat?.id === call.id)
  const held = seats[host] ?? null
  if (held === null) return [state, { kind: 'not-found' }]
  if (held.nonce !== call.nonce) return [state, { kind: 'bad-nonce' }]
  if (call.do === 'checkin')
    return [
      { ...state, seats: seats.with(host, null) },
      { kind: 'released', id: call.id },
    ]
  if (blocked) return [state, { kind: 'blocked' }]
  const renewed = { id: call.id, nonce: call.next }
  return [
    { ...state, seats: seats.with(host, renewed) },
    { kind: 'renewed', ...renewed },
  ]
}

/** What a call asks for, whoever asks it. */
export function seatPayload(call: SeatCall): string {
  return 'host' in call ? `${call.do} ${call.host}` : call.do
}
