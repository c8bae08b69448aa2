/**
 * Riders: people who use more than they paid for without changing the program, on clocks of their own: `npm run test:riders`.
 * Each trick has a bound: how many days of use it gains on further computers, or beyond the end of what was paid for. Ends with
 * 1 where somebody gains more.
 *
 *   npm run test:riders -- --riders 200 --seed 7
 *   npm run test:riders -- --short
 *   npm run test:riders -- --checkout ../old    the control: another build
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { loadBuild } from './build'
import { type DaysPerMonth, isBeyond, liveWithRiders, type Ride } from './riders'

const { values } = parseArgs({
  options: {
    riders: { type: 'string' },
    days: { type: 'string' },
    seed: { type: 'string', default: '20260101' },
    short: { type: 'boolean', default: false },
    checkout: { type: 'string' },
  },
})
const riders = Number(values.riders ?? (values.short ? 64 : 110))
const days = Number(values.days ?? (values.short ? 26 : 61))
const folder = await mkdtemp(join(tmpdir(), 'keyslot-riders-'))
try {
  const build = await loadBuild(values.checkout)
  const rides = await liveWithRiders({ build, folder, seed: Number(values.seed), riders, days })
  print(rides)
  process.exitCode = rides.some(isBeyond) ? 1 : 0
} finally {
  await rm(folder, { recursive: true, force: true })
}

function print(rides: readonly Ride[]): void {
  console.log('Days of use beyond what was paid for, in the first 30 days and in 30 days of those after.\n')
  console.log('| trick | bound | gained | by a careless app | where it is stated |\n| --- | --- | --- | --- | --- |')
  for (const { name, bound, gained, carelessly, stated } of rides) {
    console.log(`| ${name} | ${shown(bound)} | ${shown(gained)} | ${shown(carelessly)} | ${stated} |`)
  }
  const beyond = rides.filter(isBeyond)
  for (const { name, bound, gained } of beyond) console.log(`BEYOND ${name}: ${shown(gained)} (bound ${shown(bound)})`)
  const all = (of: (ride: Ride) => DaysPerMonth) => rides.reduce((sum, ride) => sum + of(ride)[0] + of(ride)[1], 0)
  const [kit, control] = [all(({ gained }) => gained), all(({ carelessly }) => carelessly)]
  console.log(
    `${rides.length} riders, ${days} days, seed ${values.seed}: ${beyond.length} gain more than is stated; ${kit.toFixed(0)} days in all, ${control.toFixed(0)} by a careless app`,
  )
}

function shown([first, later]: DaysPerMonth): string {
  return `${Number(first.toFixed(1))}, ${Number(later.toFixed(1))}`
}
