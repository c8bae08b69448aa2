import { cp, rm } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../seeded-random'
import { startLicenseServer } from '../fake-license-server'
import { printFigures } from '../figures'
import { temporaryDir } from '../temporary-dir'
import { DAY, LICENSE_KEY } from '../token-factory'
import { Computer } from './computer'

const HOUR = 3_600
/** A license token lasts for 14 days, and 7 of grace. */
const TOKEN_LIFE = 14 * DAY
const USABLE = 21 * DAY
const BUDGET = 33.6 * HOUR
const BOOT_COST = 4 * HOUR
const TOLERANCE = 600

const HISTORIES = 100
const STEPS = 40

const server = await startLicenseServer()
const figures = {
  histories: HISTORIES,
  starts: 0,
  outWithinTheBound: 0,
  outBeyondTheBound: 0,
  outBeyondTheBoundByTheOldRule: 0,
  attackerDays: {} as Record<string, number>,
  /** By a rule that believes every clock. */
  attackerDaysOfControl: {} as Record<string, number>,
}

printFigures('C06', figures)

/** The rule before: the wall clock alone, and the highest time it ever showed. It must fail where the kit does not. */
class OldRule {
  #iat = 0
  #mark = 0

  contact(serverTime: number): void {
    this.#iat = serverTime
    this.#mark = serverTime
  }

  isUsable(wall: number): boolean {
    if (wall < this.#mark - 300) return false
    const [exp, end] = [this.#iat + TOKEN_LIFE, this.#iat + USABLE]
    this.#mark = Math.max(this.#mark, wall < end ? wall : exp)
    return Math.max(wall, this.#mark) < end
  }
}

/** What may be asked of somebody who pays: to be online within the budget, from when a clock was wrong without contact. */
class Bound {
  #contactAt = 0
  #wrongSince: number | undefined
  #boots = 0

  contact(time: number): void {
    this.#contactAt = time
    this.#wrongSince = undefined
    this.#boots = 0
  }

  wrong(time: number): void {
    this.#wrongSince ??= time
  }

  boot(): void {
    if (this.#wrongSince !== undefined) this.#boots++
  }

  /** Whether the app may be out now. */
  isReached(time: number, ahead: number): boolean {
    const untilEnd = this.#contactAt + USABLE - time
    // The wall clock is the only one, and says that all is over.
    if (untilEnd - 2 * DAY <= 0 || ahead >= untilEnd - 2 * DAY) return true
    return this.#wrongSince !== undefined && time - this.#wrongSince + (this.#boots + 1) * BOOT_COST > BUDGET
  }
}

const MISHAPS = [
  'jump',
  'drift',
  'dual boot',
  'flight',
  '400 days',
  '1970',
  '2106',
  'server 6 minutes',
  'server a day',
  'none',
] as const

describe('clocks that go wrong, for people who pay', () => {
  it('nobody is out beyond the bound', { timeout: 600_000 }, async () => {
    for (let seed = 1; seed <= HISTORIES; seed++) await live(seed)
    expect(figures.outBeyondTheBound).toBe(0)
    expect(figures.outBeyondTheBoundByTheOldRule).toBeGreaterThan(HISTORIES)
    expect(figures.starts).toBe(HISTORIES * STEPS)
  })
})

async function live(seed: number): Promise<void> {
  const random = seededRandom(20_261_000 + seed)
  const mishap = MISHAPS[seed % MISHAPS.length] ?? 'none'
  const pc = await Computer.of(server)
  server.activeHosts.clear()
  const bound = new Bound()
  const old = new OldRule()
  if (mishap === 'server 6 minutes') pc.serverAhead = 360
  if (mishap === 'server a day') pc.serverAhead = DAY
  if (mishap === '1970' || mishap === '2106') pc.battery = `dead-${mishap}`
  pc.restart(0)
  let app = pc.app()
  expect(await app.activate(LICENSE_KEY), `history ${seed}, ${mishap}`).toMatchObject({ status: 'valid' })
  old.contact(pc.serverAhead)
  const mishapAt = 2 + Math.floor(random() * 20)

  for (let step = 0; step < STEPS; step++) {
    pc.pass(random() * 14 * HOUR)
    if (step % 20 === mishapAt % 20) {
      if (mishap === 'jump') pc.ahead = (random() - 0.3) * 3 * DAY
      if (mishap === 'flight') pc.ahead = Math.round((random() - 0.5) * 18) * HOUR
      if (mishap === '400 days' && step < 20) pc.ahead = 400 * DAY
      if (mishap === 'server a day') pc.serverAhead = 0
      if (mishap === '1970' || mishap === '2106') pc.battery = 'good'
    }
    if (step % 20 === (mishapAt + 2) % 20 && pc.battery === 'good') pc.ahead = 0
    if (mishap === 'drift') pc.ahead += 20
    if (random() < 0.6) {
      pc.restart(random() * 16 * HOUR)
      if (mishap === 'dual boot') pc.ahead = pc.ahead === 0 ? 2 * HOUR : 0
      bound.boot()
    }
    if (pc.ahead !== 0) bound.wrong(pc.time)
    pc.online = random() < 0.35
    if (pc.online || random() < 0.5) app = pc.app()
    figures.starts++
    const { usable, lastContact, refreshDue } = await (pc.online ? app.start() : app.check())
    const renewed = pc.online && refreshDue ? await app.refresh() : undefined
    if (!(renewed?.usable ?? usable)) count(`${seed} ${mishap} at step ${step}`)
    if (!old.isUsable(pc.wall) && !(pc.online && renewOld()) && !bound.isReached(pc.time, pc.ahead)) {
      figures.outBeyondTheBoundByTheOldRule++
    }
    if (pc.online && (renewed ?? { lastContact }).lastContact?.code === 'OK') {
      await app.refresh()
      bound.contact(pc.time)
      renewOld()
    }
  }

  function renewOld(): boolean {
    old.contact(pc.time + pc.serverAhead)
    return old.isUsable(pc.wall)
  }

  function count(what: string): void {
    if (!pc.online && bound.isReached(pc.time, pc.ahead)) {
      figures.outWithinTheBound++
      return
    }
    figures.outBeyondTheBound++
    console.error(`out: ${what}`)
  }
}

describe('clocks that somebody turns, offline', () => {
  /** Activates, and goes offline; the app was last used when the license was nearly over. */
  async function lastDay(): Promise<Computer> {
    server.activeHosts.clear()
    const pc = await Computer.of(server)
    pc.restart(0)
    await pc.app().activate(LICENSE_KEY)
    pc.online = false
    return pc
  }

  /** What the control has granted in `use`. */
  let believed = 0

  /** Uses the app for some hours of this boot, by a new process every half an hour. */
  async function use(pc: Computer, hours: number): Promise<number> {
    let granted = 0
    for (let half = 0; half < hours * 2; half++) {
      if (pc.wall < USABLE) believed += HOUR / 2
      if ((await pc.app().check()).usable) granted += HOUR / 2
      pc.pass(HOUR / 2)
    }
    return granted
  }

  function gained(attack: string, seconds: number): number {
    const inDays = (amount: number) => Math.round((amount / DAY) * 100) / 100
    figures.attackerDays[attack] = inDays(seconds)
    if (believed > 0) figures.attackerDaysOfControl[attack] = inDays(believed)
    return seconds
  }

  it('within one boot: nothing, however the clock is turned, by the process that runs and by others', async () => {
    const pc = await lastDay()
    const random = seededRandom(7)
    let granted = 0
    const app = pc.app()
    for (let hours = 0; hours < 25 * 24; hours += 6) {
      pc.ahead = -random() * pc.time
      const isUsable = (await (random() < 0.5 ? app : pc.app()).check()).usable
      if (isUsable && pc.time >= USABLE + TOLERANCE) granted += 6 * HOUR
      pc.pass(6 * HOUR)
    }
    expect(gained('turned back within one boot', granted)).toBe(0)
  })

  it('within one boot, with the folder of before: nothing', async () => {
    const pc = await lastDay()
    const copy = await temporaryDir()
    await cp(pc.dataDir, copy, { recursive: true })
    let granted = 0
    for (let day = 0; day < 30; day++) {
      await rm(pc.dataDir, { recursive: true })
      await cp(copy, pc.dataDir, { recursive: true })
      pc.ahead = -pc.time
      if ((await pc.app().check()).usable && pc.time >= USABLE + TOLERANCE) granted += DAY
      pc.pass(DAY)
    }
    expect(gained('folder restored within one boot', granted)).toBe(0)
  })

  it('turned back at each restart, after the end: the budget, once', async () => {
    const pc = await lastDay()
    for (let day = 0; day < 22; day++) {
      await use(pc, 1)
      pc.restart(DAY - HOUR)
    }
    expect((await pc.app().check()).status).toBe('expired')
    let granted = 0
    believed = 0
    for (let boot = 0; boot < 30; boot++) {
      pc.restart(8 * HOUR)
      pc.ahead = 2 * DAY - pc.time
      granted += await use(pc, 16)
    }
    expect(gained('turned back at each restart', granted)).toBeLessThanOrEqual(BUDGET)
    expect(granted).toBeGreaterThan(0)
    expect(believed).toBeGreaterThan(10 * BUDGET)
  })

  it('turned back from the start: the budget, beside what was granted anyway', async () => {
    const pc = await lastDay()
    let granted = 0
    believed = 0
    for (let boot = 0; boot < 60; boot++) {
      pc.restart(16 * HOUR)
      pc.ahead = DAY - pc.time
      granted += await use(pc, 8)
    }
    expect(gained('turned back from the start, hours of use', granted)).toBeLessThanOrEqual(BUDGET + 2 * DAY)
  })

  it('stopped at each restart: no hour of use beyond those of the token, though more days', async () => {
    const pc = await lastDay()
    let granted = 0
    let judged = 0
    believed = 0
    for (let boot = 0; boot < 80; boot++) {
      pc.restart(16 * HOUR)
      pc.ahead = judged - pc.time
      const used = await use(pc, 8)
      granted += used
      judged += 8 * HOUR
    }
    expect(gained('stopped at each restart, hours of use', granted)).toBeLessThanOrEqual(USABLE + TOLERANCE)
    expect(granted).toBeGreaterThan(TOKEN_LIFE)
  })
})
