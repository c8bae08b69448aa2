import { isLicenseError } from '../../src/protocol/license-error'
import type { Operation } from './model'
import { type CallOf, emptyHistory, type ObjectName, type OutcomeOf, type WindowHistory } from './objects'
import { performCreations } from './perform-creations'
import { performSeats } from './perform-seats'
import { performSlots } from './perform-slots'
import type { Place, Time } from './place'

type Performers = {
  readonly [K in ObjectName]: (place: Place, call: CallOf<K>, time: Time) => Promise<OutcomeOf<K>>
}

const performers: Performers = { slots: performSlots, seats: performSeats, creations: performCreations }

/** Asks a store, and keeps what was asked and told, and when. */
export interface Recorder {
  readonly history: WindowHistory
  /** What is told; null where it is unknown whether it happened. */
  ask<K extends ObjectName>(by: string, object: K, call: CallOf<K>, time: Time): Promise<OutcomeOf<K> | null>
}

/** Nanoseconds on the clock of this machine, the same in all its processes, since one of them has read it. */
export function clockSince(epoch: string): () => number {
  const zero = BigInt(epoch)
  return () => Number(process.hrtime.bigint() - zero)
}

export function createRecorder(place: Place, clock: () => number): Recorder {
  const history = emptyHistory()
  return {
    history,
    async ask(by, object, call, time) {
      const start = clock()
      const { outcome, ...why } = await tell(performers[object](place, call, time))
      const done = { by, call, start, end: clock(), outcome, ...why }
      ;(history[object] as Operation<typeof call, OutcomeOf<typeof object>>[]).push(done)
      return outcome
    },
  }
}

async function tell<O>(answer: Promise<O>): Promise<{ readonly outcome: O | null; readonly why?: string }> {
  try {
    return { outcome: await answer }
  } catch (error) {
    if (isLicenseError(error, 'STORAGE_UNAVAILABLE')) return { outcome: null, why: error.message }
    throw error
  }
}
