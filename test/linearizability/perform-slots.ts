import type { Activation } from '../../src/domain/activation'
import { ACCOUNT, newActivation } from '../storage/verbs/kit/entities'
import type { CallOf, OutcomeOf } from './objects'
import { type Answered, nameOf, type Place, stepOf, type Time, targetOf, told } from './place'
import { type Held, HOSTS, type SlotCall, slotPayload } from './slots-model'

/** Asks a store what the model of slots is asked. */
export async function performSlots(place: Place, asked: CallOf<'slots'>, time: Time): Promise<OutcomeOf<'slots'>> {
  const { key, ...call } = asked
  const step = stepOf(nameOf('slots', place.window), time, slotPayload(call), key)
  return 'host' in call ? askOfHost(place, call, step) : askOfLicense(place, call, step)
}

type OfHost = Extract<SlotCall, { host: number }>

async function askOfHost(
  { store, window }: Place,
  call: OfHost,
  step: ReturnType<typeof stepOf>,
): Promise<OutcomeOf<'slots'>> {
  const target = { ...targetOf('slots', window), hostId: hostOf(call.host) }
  switch (call.do) {
    case 'claim': {
      const claim = newActivation(target.hostId, { id: call.id })
      const answer: Answered = await store.claimActivation(ACCOUNT.id, target, claim, step)
      return told(answer, { id: answer.activation?.id, taken: answer.license?.activationCount })
    }
    case 'release': {
      const answer: Answered = await store.releaseActivation(ACCOUNT.id, target, step)
      return told(answer, { id: answer.activation?.id, taken: answer.license?.activationCount })
    }
    case 'validate': {
      const answer: Answered = await store.validateActivation(ACCOUNT.id, target, step.now)
      return told(answer, { id: answer.activation?.id })
    }
  }
}

async function askOfLicense(
  { store, window }: Place,
  call: Exclude<SlotCall, OfHost>,
  step: ReturnType<typeof stepOf>,
): Promise<OutcomeOf<'slots'>> {
  const target = targetOf('slots', window)
  switch (call.do) {
    case 'release-all': {
      const answer: Answered = await store.releaseAllActivations(ACCOUNT.id, target, step)
      return told(answer, { freed: answer.count })
    }
    case 'reset': {
      const answer: Answered = await store.resetLicense(ACCOUNT.id, target, step)
      return told(answer, { resets: answer.license?.resetCount })
    }
    case 'block': {
      const answer: Answered = await store.updateLicense(ACCOUNT.id, target, { blocked: call.blocked }, step)
      return told(answer, { blocked: answer.license?.blocked })
    }
    case 'describe': {
      const answer: Answered = await store.describeLicense(ACCOUNT.id, target, HOSTS + 1)
      const { license, activations = [] } = answer
      return told(answer, {
        held: heldOf(activations),
        taken: license?.activationCount,
        blocked: license?.blocked,
        resets: license?.resetCount,
      })
    }
  }
}

const hostOf = (host: number) => `host-${host}`

function heldOf(activations: readonly Activation[]): Held {
  return Array.from(
    { length: HOSTS },
    (_, host) => activations.find(({ hostId }) => hostId === hostOf(host))?.id ?? null,
  )
}
