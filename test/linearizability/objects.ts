import { type CreationCall, type CreationOutcome, creationModel, creationPayload } from './creation-model'
import type { Operation } from './model'
import { type Keyed, type Once, once } from './once-model'
import { type SeatCall, type SeatOutcome, seatPayload, seatsModel } from './seats-model'
import { type SlotCall, type SlotOutcome, slotPayload, slotsModel } from './slots-model'

/** What the processes work on in a window: two licenses, and what is made under one key. */
export const models = {
  slots: once(slotsModel, slotPayload),
  seats: once(seatsModel, seatPayload),
  creations: once(creationModel, creationPayload),
}

export type ObjectName = keyof typeof models

interface Kinds {
  readonly slots: readonly [call: Keyed<SlotCall>, outcome: Once<SlotOutcome>]
  readonly seats: readonly [call: Keyed<SeatCall>, outcome: Once<SeatOutcome>]
  readonly creations: readonly [call: Keyed<CreationCall>, outcome: Once<CreationOutcome>]
}

export type CallOf<K extends ObjectName> = Kinds[K][0]
export type OutcomeOf<K extends ObjectName> = Kinds[K][1]

/** What was done in a window, object by object. */
export type WindowHistory = { readonly [K in ObjectName]: Operation<CallOf<K>, OutcomeOf<K>>[] }

export function emptyHistory(): WindowHistory {
  return { slots: [], seats: [], creations: [] }
}
