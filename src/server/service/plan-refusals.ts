import type { PlannedEvent } from '../../domain/event'
import type { ActivationTarget } from '../../storage/verbs/store'
import { type Call, planEvent, type ServiceContext } from './context'
import { claimRefused } from './refusals'
import { TOLD, type Told } from './told-refusals'

/** The refusals of a step that is about to be taken. */
interface PlannedRefusals {
  /** The events of those that may be told, by what the step comes to. */
  readonly events: Partial<Record<Told, readonly PlannedEvent[]>>
  /** Remembers what the step came to. */
  note(outcome: string): void
}

export function planRefusals(
  context: ServiceContext,
  call: Call,
  target: ActivationTarget,
  hostId: string,
  now: Date,
): PlannedRefusals {
  const { toldRefusals } = context
  const refused = (kind: Told) => ({ target, hostId, kind, now })
  const told = call.closed === undefined ? TOLD.filter((kind) => toldRefusals.mayTell(refused(kind))) : []
  if (told.length === 0) return NONE
  // Of all of them one happens at most.
  const { productId } = target
  const [first = 'limit-reached'] = told
  const event = planEvent(context, call, now, 'license.refused', { productId, hostId, code: claimRefused(first).code })
  const saying = (kind: Told) => [{ ...event, data: { ...event.data, code: claimRefused(kind).code } }]
  return {
    events: Object.fromEntries(told.map((kind) => [kind, saying(kind)])),
    note(outcome) {
      const kind = told.find((one) => one === outcome)
      if (kind !== undefined) toldRefusals.note(refused(kind))
    },
  }
}

const NONE: PlannedRefusals = { events: {}, note: () => undefined }
