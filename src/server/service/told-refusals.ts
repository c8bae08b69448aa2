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
  const ofLicense = new LRUCache<string, readonly Refused[]>({ max: MAX_REMEMBERED })
  const within =
    (ms: number, { now }: Refused) =>
    (told: Refused) =>
      Math.abs(now.getTime() - told.now.getTime()) < ms
  const today = (refused: Refused) => (ofLicense.get(refused.target.canonicalKey) ?? []).filter(within(DAY_MS, refused))
  return {
    mayTell(refused) {
      const { hostId, kind } = refused
      const told = today(refused)
      const lately = told.filter(within(HOUR_MS, refused))
      return told.length < EACH_DAY && !lately.some((one) => one.hostId === hostId && one.kind === kind)
    },
    note(refused) {
      ofLicense.set(refused.target.canonicalKey, [...today(refused), refused])
    },
  }
}
