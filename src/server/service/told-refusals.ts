import { LRUCache } from 'lru-cache'
import type { ActivationTarget } from '../../storage/verbs/store'

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
export const TOLD = [
  'limit-reached',
  'users-exceeded',
  'host-not-allowed',
  'expired',
  'blocked',
  'customer-inactive',
] as const
export type Told = (typeof TOLD)[number]

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
