import { EVENT_TYPES, type PlannedEvent } from '../../../../src/domain/event'
import type { StoreRecord } from '../../../../src/storage/records'
import type { Idempotency, Step } from '../../../../src/storage/verbs/store'
import type { Call } from './calls'
import type { Dice } from './dice'

/** What the draws of a run know of what has happened in it, so that calls meet. */
export interface World {
  now: Date
  /** Counts the calls: what must be new is named by it. */
  round: number
  /** Deliveries that were claimed, the latest last. */
  readonly held: { readonly id: string; readonly attempts: number }[]
  /** Sessions that were begun or renewed, the latest last. */
  readonly sessions: KnownSession[]
  /** Devices that hold slots, or did, the latest last. */
  readonly devices: KnownDevice[]
  /** Calls that carried an idempotency key, the latest last. */
  readonly keyed: Call[]
  /** Records that were exported. */
  records: readonly StoreRecord[]
}

interface KnownDevice {
  readonly id: string
  readonly canonicalKey: string
  readonly hostId: string
}

export interface KnownSession {
  readonly id: string
  readonly canonicalKey: string
  readonly nonce: string
  readonly expiresAt: Date
}

export const START = new Date('2026-03-01T12:00:00.123Z')
export const ACCOUNTS = ['acct_first', 'acct_second', 'acct_third'] as const
/** Ids of each kind that calls draw from. */
export const COUNTS = { product: 3, license: 6, customer: 7, host: 4, hook: 3 } as const

export function newWorld(): World {
  return { now: START, round: 0, held: [], sessions: [], devices: [], keyed: [], records: [] }
}

/** How many customers there are from the start. */
export const OPENING_CUSTOMERS = 3

/** How far the clock moves between two calls: often not at all, seldom by hours or days. */
const STRIDES_MS = [0, 0, 0, 0, 1, 900, 900, 5_000, 20_000, 60_000, 300_000]
const LEAPS_MS = [400_000, 1_900_000, 7_200_000, 86_400_000, 9 * 86_400_000]

export function moveOn(world: World, dice: Dice): void {
  const strideMs = dice.one(dice.chance(3) ? LEAPS_MS : STRIDES_MS)
  world.now = new Date(world.now.getTime() + strideMs)
  world.round += 1
}

/** Most calls act for the first account. */
export function drawAccount(dice: Dice): string {
  return dice.chance(90) ? ACCOUNTS[0] : dice.one(ACCOUNTS)
}

/** An instant of the next or the last hours, days or weeks. */
export function drawInstant({ now }: World, dice: Dice): Date {
  const span = dice.one([60_000, 3_600_000, 86_400_000, 30 * 86_400_000])
  return new Date(now.getTime() + dice.upTo(2 * span) - dice.one([0, span]))
}

/** @param kinds the outcomes that events are planned for */
export function drawStep<K extends string>(world: World, dice: Dice, ...kinds: readonly K[]): Step<K> {
  const events = dice.chance(50) ? { events: drawEvents(world, dice, kinds) } : {}
  const idempotency = dice.chance(20) ? { idempotency: drawIdempotency(world, dice) } : {}
  return { now: world.now, ...events, ...idempotency }
}

function drawEvents<K extends string>(world: World, dice: Dice, kinds: readonly K[]) {
  const planned = kinds.map((kind) => {
    const count = 1 + dice.upTo(3)
    return [kind, Array.from({ length: count }, (_, index) => drawEvent(world, dice, `${kind}_${index}`))]
  })
  return Object.fromEntries(planned) as Readonly<Partial<Record<K, readonly PlannedEvent[]>>>
}

function drawEvent(world: World, dice: Dice, name: string): PlannedEvent {
  return {
    id: `evt_${world.round}_${name}`,
    type: dice.one(EVENT_TYPES),
    at: world.now,
    actor: { id: 'api', address: dice.one([null, '203.0.113.9']) },
    data: { round: world.round },
    ...(dice.chance(40) && { licenseId: dice.id('lic', COUNTS.license) }),
  }
}

function drawIdempotency(world: World, dice: Dice): Idempotency {
  return {
    scope: dice.one(['one', 'another']),
    key: dice.chance(90) ? `key_${world.round}` : `key_${world.round - dice.upTo(10)}`,
    payloadHash: dice.one(['payload', 'other payload']),
    expiresAt: new Date(world.now.getTime() + dice.one([0, 60_000, 3_600_000, 86_400_000])),
    ...(dice.chance(50) && { note: `round ${world.round}` }),
  }
}
