import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { seededRandom } from '../seeded-random'
import type { Build } from './build'
import { type App, liveAsRider } from './rider'
import { startTime } from './time'
import type { Trick } from './trick'
import { TRICKS } from './tricks'
import { startVendor } from './vendor'
import { onWholeMachines } from './whole-machine'

export interface RidersOptions {
  readonly build: Build
  /** For files; an empty one. */
  readonly folder: string
  readonly seed: number
  /** How many people there are: one for each trick, and then pairs of tricks, drawn by the seed. */
  readonly riders: number
  readonly days: number
}

/** Days of use of one computer, beyond what was paid for: in the first 30 days of riding, and in 30 days of those after. */
export type DaysPerMonth = readonly [first: number, later: number]

export interface Ride {
  readonly name: string
  readonly stated: string
  readonly bound: DaysPerMonth
  readonly gained: DaysPerMonth
  /** The same by an app that believes the copy: the control. */
  readonly carelessly: DaysPerMonth
}

interface Plan {
  readonly tricks: readonly Trick[]
  readonly bound: DaysPerMonth
  readonly endsOn: number
}

const MONTH = 30
const AT_ONCE = 6
/** What was paid for ends in the first week. */
const LAST_END = 7

/** Lives some months with so many riders, each with a vendor and a time of their own. */
export async function liveWithRiders(options: RidersOptions): Promise<readonly Ride[]> {
  const plans = planRides(options)
  const rides: Ride[] = []
  for (let from = 0; from < plans.length; from += AT_ONCE) {
    const batch = plans.slice(from, from + AT_ONCE)
    const lives = await Promise.all(batch.map((plan, index) => ride(options, plan, from + index)))
    rides.push(...lives.map((life) => life.ride))
    // Closing one closes the places of all.
    for (const { close } of lives) await close()
  }
  return rides
}

export const isBeyond = ({ gained, bound }: Ride): boolean =>
  gained.some((days, month) => days > (bound[month] ?? 0) + 0.05)

function planRides({ riders, seed }: RidersOptions): readonly Plan[] {
  const alone = TRICKS.map((trick) => ({ tricks: [trick], bound: trick.boundDaysPerMonth, endsOn: 1 }))
  const random = seededRandom(seed)
  const pairs = TRICKS.flatMap((one) => TRICKS.flatMap((other) => pairOf(one, other)))
  const drawn: Plan[] = []
  while (drawn.length < riders - alone.length && pairs.length > 0) {
    const [pair] = pairs.splice(Math.floor(random() * pairs.length), 1)
    const endsOn = 1 + Math.floor(random() * LAST_END)
    if (pair !== undefined) drawn.push({ tricks: pair, bound: boundOf(pair, endsOn), endsOn })
  }
  return [...alone, ...drawn].slice(0, riders)
}

/** Two tricks of one person. Nothing where they do not meet. */
function pairOf(one: Trick, other: Trick): readonly (readonly [Trick, Trick])[] {
  return one === other || one.kind === 'alone' || other.kind !== 'end' ? [] : [[one, other]]
}

/** What two tricks may gain together, where what was paid for ends on that day. */
function boundOf([one, other]: readonly [Trick, Trick], endsOn: number): DaysPerMonth {
  const [a, b] = [one.boundDaysPerMonth, other.boundDaysPerMonth]
  // Nobody can tell a moment that is put back whole from the moment itself.
  if (one.setsBack && other.setsBack && one.setsBack !== other.setsBack) return [MONTH, MONTH]
  // Two ways not to hear of the end are as good as the better one.
  if (one.kind === 'end') return [Math.max(a[0], b[0]), Math.max(a[1], b[1])]
  // Until the end each further computer gains a day a day. From then on, each goes on by whichever trick is better for it.
  const { carries = 0 } = one
  return [carries * (endsOn - 1) + b[0] + Math.max(a[0], carries * b[0]), b[1] + carries * b[1]]
}

async function ride({ build, folder, days }: RidersOptions, plan: Plan, index: number) {
  const { tricks, bound, endsOn } = plan
  const live = async (app: App) => {
    const root = join(folder, `${index} ${app}`)
    mkdirSync(root)
    const time = startTime(new Date('2026-01-01T00:00:00.000Z'))
    const surroundings = { build: onWholeMachines(build), time, root }
    const vendor = await startVendor(build, time, root)
    const gained = await liveAsRider(tricks, { app, vendor, surroundings, days, endsOn })
    return { gained: perMonth(gained, endsOn), close: () => vendor.close() }
  }
  const [kit, control] = [await live('as documented'), await live('careless')]
  const name = tricks.map((trick) => trick.name).join(' + ')
  const stated = tricks.map((trick) => trick.stated).join('; ')
  return {
    ride: { name, stated, bound, gained: kit.gained, carelessly: control.gained },
    async close() {
      await kit.close()
      await control.close()
    },
  }
}

/** The first month goes on to the thirtieth day after the end, where a trick is about that. */
function perMonth(gained: readonly number[], endsOn: number): DaysPerMonth {
  const sum = (days: readonly number[]) => days.reduce((total, day) => total + day, 0)
  // The first day is an honest one.
  const later = gained.slice(endsOn + MONTH)
  return [sum(gained.slice(1, endsOn + MONTH)), sum(later) / Math.max(1, later.length / MONTH)]
}
