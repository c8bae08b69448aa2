import type { LicenseKit } from '../../src/client'
import { startCarelessly } from './careless-app'
import { type Computer, createComputer, type Surroundings } from './computer'
import { type Files, putBack, readFiles } from './disk'
import { DAY, HOUR, type Time } from './time'
import type { Trick } from './trick'
import type { Vendor } from './vendor'

/** Whom the app believes: what the kit says, or whatever is signed; see `startCarelessly`. */
export type App = 'as documented' | 'careless'

/** Somebody who has paid for one computer, and uses more. */
export interface Rider {
  readonly key: string
  readonly app: App
  readonly vendor: Vendor
  readonly surroundings: Surroundings
  readonly time: Time
  readonly main: Computer
  /** Where the app is started each day. */
  readonly computers: Computer[]
  /** How many computers are paid for now. */
  paid: number
  /** For how long a computer is on each day. */
  hoursOn: number
  /** On which day what was paid for ends, where a trick is about that. */
  readonly endsOn: number
  /** What lies in the folder of computers that share one to the byte: images of one disk. */
  readonly disks: Map<Computer, Files>
  /** Another computer, which the app is started on from now on. */
  install(): Computer
  /** Goes on so many days later, before the app is started that day. */
  after(days: number, then: () => unknown): void
  /** Each day from now on, before the app is started. */
  daily(then: () => unknown): void
  /** Each day from now on, after the work of that day. */
  nightly(then: () => unknown): void
  /** Use that no start of the app shows, in days of one computer. */
  count(days: number): void
}

export interface RidersLife {
  readonly app: App
  readonly vendor: Vendor
  readonly surroundings: Surroundings
  readonly days: number
  readonly endsOn: number
}

const MORNING = 9 * HOUR
const WORKING_HOURS = 8
/** From one computer to the next. Who renews within five minutes of another is not told from it. */
const APART = HOUR / 6
/** Nobody starts the app again on a computer that had neither license nor network for so long. */
const PATIENCE_DAYS = 16

/**
 * Lives some days of somebody who plays these tricks, from the second day on. On each day the app is started on each of the
 * computers, and runs for some hours.
 * @returns for each day, on how many computers the app was used beyond those that are paid for
 */
export async function liveAsRider(tricks: readonly Trick[], life: RidersLife): Promise<readonly number[]> {
  const { app, vendor, surroundings, endsOn } = life
  const { time } = surroundings
  const started = time.now
  const plans: { readonly day: number; readonly then: () => unknown }[] = []
  const mornings: (() => unknown)[] = []
  const nights: (() => unknown)[] = []
  const main = createComputer(surroundings, 'computer 1', vendor.newest())
  const isAboutTime = app === 'as documented' && tricks.some(({ kind }) => kind === 'end')
  const failures = new Map<Computer, number>()
  let day = 0
  let counted = 0
  const { key } = await vendor.licensing().licenses.create({ productId: vendor.product.id, maxActivations: 1 })
  const rider: Rider = {
    key,
    app,
    vendor,
    surroundings,
    time,
    main,
    computers: [main],
    paid: 1,
    hoursOn: WORKING_HOURS,
    endsOn,
    disks: new Map(),
    install() {
      const computer = createComputer(surroundings, `computer ${rider.computers.length + 1}`, vendor.newest())
      rider.computers.push(computer)
      return computer
    },
    after: (days, then) => void plans.push({ day: day + days, then }),
    daily: (then) => void mornings.push(then),
    nightly: (then) => void nights.push(then),
    count(days) {
      counted += days
    },
  }

  const gained: number[] = []
  for (; day < life.days; day++) {
    time.now = started + day * DAY + MORNING
    counted = 0
    if (day === 0) await main.open().activate(rider.key, { deviceTag: main.name })
    if (day === 1) for (const trick of tricks) await trick.play(rider)
    for (const { then } of plans.filter((plan) => plan.day === day)) await then()
    for (const then of [...mornings]) await then()
    let used = 0
    for (const computer of [...rider.computers]) {
      time.now += APART
      const isUsable = await onItsDisk(rider, computer, () => startApp(rider, computer))
      if (isUsable) used++
      failures.set(computer, isUsable || computer.network !== 'offline' ? 0 : (failures.get(computer) ?? 0) + 1)
      if (failures.get(computer) === PATIENCE_DAYS) rider.computers.splice(rider.computers.indexOf(computer), 1)
    }
    time.now += rider.hoursOn * HOUR
    if (isAboutTime) {
      for (const computer of rider.computers) await onItsDisk(rider, computer, () => computer.open().check())
    }
    for (const then of [...nights]) await then()
    gained.push(counted + Math.max(0, used - rider.paid))
  }
  return gained
}

/** Images of one disk lie in one folder here, one at a time. */
export async function onItsDisk<T>({ disks }: Rider, computer: Computer, use: () => Promise<T>): Promise<T> {
  const files = disks.get(computer)
  if (files === undefined) return await use()
  const folder = computer.folderOf('owner')
  const others = readFiles(folder)
  putBack(folder, files)
  const used = await use()
  disks.set(computer, readFiles(folder))
  putBack(folder, others)
  return used
}

/** The app is started, and renews its license as `watch()` would. */
async function startApp({ app, time }: Rider, computer: Computer): Promise<boolean> {
  if (app === 'careless') return await startCarelessly(computer, time)
  const kit: LicenseKit = computer.open()
  const found = await kit.start()
  const isDue = found.refreshDue || (found.refreshAfter?.getTime() ?? 0) - DAY < time.now + computer.clockAhead
  if (!found.usable || !isDue || computer.network === 'offline') return found.usable
  return (await kit.refresh()).usable
}
