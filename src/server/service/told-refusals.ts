import { LRUCache } from 'lru-cache'
import type { PlannedEvent } from '../../domain/event'
import type { ActivationTarget } from '../../storage/verbs/store'
import { type Call, planEvent, type ServiceContext } from './context'
import { claimRefused } from './refusals'

/** Says which refusals leave an event, so that whoever asks again and again does not fill the store. */
export interface ToldRefusals {
  mayTell(refused: Refused): boolean
  /** It was told. */
  note(refused: Refused): void
}

interface Refused {
  readonly target: ActivationTarget
  readonly hostId: string
  readonly kind: Told
  readonly now: Date
}

/** What somebody who is refused writes to the vendor about. */
const TOLD = ['limit-reached', 'users-exceeded', 'host-not-allowed', 'expired', 'blocked', 'customer-inactive'] as const
type Told = (typeof TOLD)[number]

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const EACH_DAY = 20
const MAX_REMEMBERED = 10_000

/** One of a license, a host and a reason in an hour, and 20 of a license in a day, by each process. */
export function createToldRefusals(): ToldRefusals {
  const lately = new LRUCache<string, number>({ max: MAX_REMEMBERED })
  const ofLicense = new LRUCache<string, readonly number[]>({ max: MAX_REMEMBERED })
  const within = (ms: number, now: number) => (at: number) => Math.abs(now - at) < ms
  const today = ({ target, now }: Refused) =>
    (ofLicense.get(target.canonicalKey) ?? []).filter(within(DAY_MS, now.getTime()))
  const nameOf = ({ target, hostId, kind }: Refused) => [target.canonicalKey, hostId, kind].join('\0')
  return {
    mayTell(refused) {
      const at = lately.get(nameOf(refused))
      const isNew = at === undefined || !within(HOUR_MS, refused.now.getTime())(at)
      return isNew && today(refused).length < EACH_DAY
    },
    note(refused) {
      const at = refused.now.getTime()
      lately.set(nameOf(refused), at)
      ofLicense.set(refused.target.canonicalKey, [...today(refused), at])
    },
  }
}

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
