import { seededRandom } from '../seeded-random'
import type { Build } from './build'
import type { Surroundings } from './computer'
import { type Conduct, createPayer, type Payer, type Started, startApp, type Use } from './payer'
import { STORIES } from './stories'
import type { Story } from './story'
import { DAY, HOUR, startTime } from './time'
import { startVendor } from './vendor'
import { type Event, vendorYear } from './vendor-year'

export interface YearOptions {
  readonly build: Build
  /** For files; an empty one. */
  readonly folder: string
  readonly seed: number
  readonly payers: number
  readonly days: number
  readonly conduct: Conduct
  readonly tell?: (line: string) => void
}

/** Somebody without a usable license who had paid. */
interface Outage {
  readonly payer: string
  /** The day on which it began. */
  readonly day: number
  readonly days: number
  /** What it may have come from: all that had happened to them lately. */
  readonly stories: readonly string[]
  /** How long it may last: what the stories say. Where several meet, the days without a network are added. */
  readonly boundDays: number
  /** The last thing that the app said. */
  readonly said: string
}

export interface YearReport {
  /** How often each story was lived. */
  readonly lived: ReadonlyMap<string, number>
  readonly outages: readonly Outage[]
  readonly starts: number
  /** Those beyond what their circumstances may cost. */
  readonly beyond: readonly Outage[]
}

/** For how long a story may be why somebody has no license, in days after it began. */
const LOOK_BACK_DAYS = 45
const NEVER_WITHOUT = { offline: 0, wasOffline: false }
/** Within so many days everybody has the app's new release, where the network is there. */
const ROLL_OUT_DAYS = 14

interface Lived {
  readonly name: string
  readonly boundDays: number
  readonly until: number
}

interface PayersLife {
  readonly payer: Payer
  readonly plans: { readonly day: number; readonly then: () => unknown }[]
  lived: Lived[]
  readonly out: Map<Use, Without>
  usualHour: number
}

/** Somebody who is without a usable license now. */
interface Without {
  readonly since: number
  readonly lastStart: number
  /** For how long of it there was no network up to then, in milliseconds. */
  readonly offline: number
  readonly wasOffline: boolean
  readonly said: string
}

/** Lives a vendor's year with so many payers, every day in order. */
export async function liveYear(options: YearOptions): Promise<YearReport> {
  const { build, seed, payers, days, conduct, tell = () => undefined } = options
  const random = seededRandom(seed)
  const time = startTime(new Date('2026-01-01T00:00:00.000Z'))
  const surroundings: Surroundings = { build, time, root: options.folder }
  const vendor = await startVendor(build, time, options.folder)
  const started = time.now
  const today = () => (time.now - started) / DAY
  const lived = new Map<string, number>()
  const outages: Outage[] = []
  const events: Event[] = [...vendorYear()]
  const world: Lived[] = []
  let starts = 0

  const lives: PayersLife[] = []
  for (let index = 0; index < payers; index++) {
    const seats = random() < 0.5 ? 1 : 2 + Math.floor(random() * 3)
    const payer = createPayer(surroundings, vendor, `payer-${index}`, await vendor.sell(seats), seats)
    lives.push({ payer, plans: [], lived: [], out: new Map(), usualHour: 7 + random() * 12 })
  }

  function note(life: PayersLife, use: Use, { usable, said }: Started) {
    const before = life.out.get(use)
    const { since, offline, lastStart, wasOffline } = before ?? {
      ...NEVER_WITHOUT,
      since: time.now,
      lastStart: time.now,
    }
    const withoutNetwork = offline + (wasOffline ? time.now - lastStart : 0)
    if (!usable && life.payer.entitled) {
      const isOffline = use.computer.network !== 'online'
      life.out.set(use, { since, lastStart: time.now, offline: withoutNetwork, wasOffline: isOffline, said })
      return
    }
    life.out.delete(use)
    if (before !== undefined && usable) endOutage(life, { ...before, offline: withoutNetwork })
  }

  /** Nobody waits any more at a computer that is gone. */
  function endThoseGone(life: PayersLife) {
    for (const [use, before] of life.out) {
      if (life.payer.uses.includes(use)) continue
      life.out.delete(use)
      endOutage(life, before, before.lastStart)
    }
  }

  function endOutage(life: PayersLife, { since, offline, said }: Without, end = time.now) {
    const day = (since - started) / DAY
    const causes = [...life.lived, ...world].filter(({ until }) => until >= day)
    const withoutNetwork = causes.length > 1 ? offline / DAY : 0
    const boundDays = withoutNetwork + Math.max(0, ...causes.map((cause) => cause.boundDays))
    const stories = causes.map(({ name }) => name)
    outages.push({
      payer: life.payer.name,
      day: Math.floor(day),
      days: (end - since) / DAY,
      stories,
      boundDays,
      said,
    })
  }

  async function play(life: PayersLife, story: Story) {
    lived.set(story.name, (lived.get(story.name) ?? 0) + 1)
    life.lived.push({ name: story.name, boundDays: story.boundDays, until: today() + LOOK_BACK_DAYS })
    const { payer, plans } = life
    const after = (later: number, then: () => unknown) => void plans.push({ day: Math.floor(today()) + later, then })
    await story.play({ payer, vendor, time, random, after })
  }

  async function goOn(life: PayersLife, day: number) {
    for (const plan of life.plans.filter((one) => one.day <= day)) {
      life.plans.splice(life.plans.indexOf(plan), 1)
      await plan.then()
    }
  }

  /** Everybody looks for updates once in so many days. */
  function isUpdated({ usualHour }: PayersLife, day: number): boolean {
    return (day + Math.floor(usualHour * 7)) % ROLL_OUT_DAYS === 0
  }

  async function liveDay(life: PayersLife, day: number) {
    const { payer } = life
    await goOn(life, day)
    for (const story of STORIES) {
      const isTime = day > 2 && random() < story.perYear / 365
      if (isTime && payer.entitled && (story.fits?.(payer) ?? true)) await play(life, story)
    }
    await goOn(life, day)
    endThoseGone(life)
    for (const use of [...payer.uses]) {
      if (day > 0 && random() < 0.15) continue
      const { computer } = use
      if (computer.network === 'online' && isUpdated(life, day)) computer.release = vendor.newest()
      starts++
      const found = await startApp(payer, use, day === 0 ? 'as documented' : conduct)
      note(life, use, found)
    }
  }

  for (let day = 0; day < days; day++) {
    time.now = started + day * DAY + 3 * HOUR
    for (const event of events.filter((one) => one.day === day)) {
      tell(`day ${day}: the vendor’s server: ${event.name}`)
      await event.play(vendor)
      world.push({ name: event.name, boundDays: event.boundDays, until: day + event.lasts })
    }
    for (const life of [...lives].sort((a, b) => a.usualHour - b.usualHour)) {
      time.now = started + day * DAY + life.usualHour * HOUR
      life.lived = life.lived.filter(({ until }) => until >= day)
      await liveDay(life, day)
    }
    time.now = started + day * DAY + 23 * HOUR
    if (events.some((event) => event.day === day + 1 && event.needsBackup)) await vendor.backUp()
    if (day % 30 === 0) tell(`day ${day}: ${starts} starts, ${outages.length} outages`)
  }
  for (const life of lives) for (const before of life.out.values()) endOutage(life, before)
  await vendor.close()
  const beyond = outages.filter((one) => one.days > one.boundDays + 0.05)
  return { lived, outages, starts, beyond }
}
