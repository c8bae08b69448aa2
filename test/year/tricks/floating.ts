import type { CheckoutOptions, FloatingSession } from '../../../src/client'
import { ManualClock } from '../../client/manual-clock'
import { attempt } from '../attempt'
import { type Computer, createComputer } from '../computer'
import type { Rider } from '../rider'
import { HOUR } from '../time'
import type { Trick } from '../trick'

const PEOPLE = 5
const STEP_SECONDS = 300
const STEPS = (8 * HOUR) / 1000 / STEP_SECONDS
const MONTH = 30

interface Play {
  /** Whoever has a seat goes offline. */
  readonly pullsPlug: boolean
  readonly checkout?: CheckoutOptions
  /** What each computer of a friend is, beside the first. */
  prepare?(friend: Computer, first: Computer): unknown
}

/** A floating license of one seat, and five people who want to work all day. One day is lived, and each is like it. */
function shareSeat(play: Play) {
  return async (rider: Rider) => {
    const { computers, vendor } = rider
    computers.length = 0
    const terms = { productId: vendor.product.id, floating: { maxConcurrentSessions: 1 } }
    const { key } = await vendor.licensing().licenses.create(terms)
    const gained = await workOneDay(rider, key, play)
    rider.daily(() => rider.count(gained))
  }
}

async function workOneDay({ time, surroundings, vendor, app }: Rider, key: string, play: Play): Promise<number> {
  const clock = new ManualClock(time.date(), (now) => {
    time.now = now.getTime()
  })
  const { build } = surroundings
  const clocked: typeof build = { ...build, createKit: (options, probes) => build.createKit(options, probes, clock) }
  const people = Array.from({ length: PEOPLE }, (_, index) =>
    createComputer({ ...surroundings, build: clocked }, `friend ${index}`, vendor.newest()),
  )
  for (const friend of people.slice(1)) await play.prepare?.(friend, people[0] ?? friend)
  const seats = new Map<Computer, FloatingSession>()
  const isGood = (seat: FloatingSession) => app === 'careless' || seat.status === 'held' || seat.status === 'at-risk'
  let used = 0
  for (let step = 0; step < STEPS; step++) {
    for (const computer of people) {
      const before = seats.get(computer)
      if (before !== undefined && isGood(before)) continue
      await before?.checkin()
      computer.network = 'online'
      const options = { checkinOnExit: false, ...play.checkout }
      const seat = await attempt(() => computer.open().floating.checkout(key, options))
      if (seat === undefined) seats.delete(computer)
      else seats.set(computer, seat)
      if (seat !== undefined && play.pullsPlug) computer.network = 'offline'
    }
    used += seats.size
    clock.restingTimers = seats.size
    await clock.elapse(STEP_SECONDS)
  }
  for (const computer of people) computer.network = 'online'
  for (const seat of seats.values()) await seat.checkin()
  return Math.max(0, used / STEPS - 1)
}

/** More people than floating seats. */
export const FLOATING_TRICKS: readonly Trick[] = [
  {
    kind: 'alone',
    name: 'the plug pulled after each checkout',
    says: 'Five people and one floating seat, with outageGraceSeconds as it is.',
    boundDaysPerMonth: [(PEOPLE - 1) * MONTH, (PEOPLE - 1) * MONTH],
    stated:
      'docs/seats.md: more than their seats, for the lease and four hours: 17 people a seat where a lease is 15 minutes',
    play: shareSeat({ pullsPlug: true }),
  },
  {
    kind: 'alone',
    name: 'the same with outageGraceSeconds: 0',
    says: 'Five people and one floating seat.',
    boundDaysPerMonth: [0, 0],
    stated: 'docs/seats.md: 0 is for vendors who mind',
    play: shareSeat({ pullsPlug: true, checkout: { outageGraceSeconds: 0 } }),
  },
  {
    kind: 'alone',
    name: 'a floating seat by key and hostId alone',
    says: 'Five people whose computers go by the hostId of the first.',
    boundDaysPerMonth: [0, 0],
    stated: 'docs/seats.md: whoever merely knows license key and hostId has a seat of their own, counted like any',
    play: shareSeat({
      pullsPlug: false,
      async prepare(friend, first) {
        friend.machineId = first.machineId
      },
    }),
  },
]
