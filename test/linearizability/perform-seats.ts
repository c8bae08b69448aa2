import type { Session } from '../../src/domain/session'
import { ACCOUNT, ALL, newLicense, newSession } from '../storage/verbs/kit/entities'
import type { CallOf, OutcomeOf } from './objects'
import { type Answered, nameOf, type Place, stepOf, type Time, targetOf, told } from './place'
import { SEAT_HOSTS, type SeatCall, type SeatRow, seatPayload } from './seats-model'

/** Asks a store what the model of seats is asked. */
export async function performSeats(place: Place, asked: CallOf<'seats'>, time: Time): Promise<OutcomeOf<'seats'>> {
  const { key, ...call } = asked
  const step = stepOf(nameOf('seats', place.window), time, seatPayload(call), key)
  return 'id' in call ? askOfSession(place, call, step) : askOfLicense(place, call, step)
}

type OfSession = Extract<SeatCall, { id: string }>

async function askOfSession(
  { store, window }: Place,
  call: OfSession,
  step: ReturnType<typeof stepOf>,
): Promise<OutcomeOf<'seats'>> {
  const target = { ...targetOf('seats', window), sessionId: call.id }
  switch (call.do) {
    case 'checkout': {
      const asked = newSession(hostOf(call.host), { id: call.id, nonce: call.nonce })
      const answer: Answered = await store.claimSession(ACCOUNT.id, target, asked, step)
      return told(answer, { id: answer.session?.id, nonce: answer.session?.nonce })
    }
    case 'renew': {
      const nonces = { nonce: call.nonce, nextNonce: call.next }
      const answer: Answered = await store.renewSession(ACCOUNT.id, target, nonces, step)
      return told(answer, { id: answer.session?.id, nonce: answer.session?.nonce })
    }
    case 'checkin': {
      const answer: Answered = await store.releaseSession(ACCOUNT.id, target, call.nonce, step)
      return told(answer, { id: answer.session?.id })
    }
  }
}

async function askOfLicense(
  { store, window }: Place,
  call: Exclude<SeatCall, OfSession>,
  step: ReturnType<typeof stepOf>,
): Promise<OutcomeOf<'seats'>> {
  const target = targetOf('seats', window)
  switch (call.do) {
    case 'reset':
      return told(await store.resetLicense(ACCOUNT.id, target, step), {})
    case 'block':
      return told(await store.updateLicense(ACCOUNT.id, target, { blocked: call.blocked }, step), {})
    case 'list': {
      const { id } = newLicense(nameOf('seats', window))
      const { items } = await store.listSessions(ACCOUNT.id, id, step.now, ALL)
      return { kind: 'listed', seats: seatsOf(items) }
    }
  }
}

const hostOf = (host: number) => `host-${host}`

function seatsOf(sessions: readonly Session[]): SeatRow {
  return Array.from({ length: SEAT_HOSTS }, (_, host) => {
    const held = sessions.find(({ hostId }) => hostId === hostOf(host))
    return held === undefined ? null : { id: held.id, nonce: held.nonce }
  })
}
