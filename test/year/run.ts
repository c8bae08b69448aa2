/**
 * A vendor's year with people who have paid, on clocks of their own: `npm run test:year`. Each circumstance has a bound: how
 * long somebody may be without a usable license for it. Ends with 1 where somebody was for longer.
 *
 *   npm run test:year -- --payers 500 --seed 7
 *   npm run test:year -- --short
 *   npm run test:year -- --careless           all of them with the app of the control, which asks nobody
 *   npm run test:year -- --checkout ../old    the control: another build
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { loadBuild } from './build'
import { installFaults } from './faults'
import { STORIES } from './stories'
import { liveYear, type YearOptions, type YearReport } from './year'

const { values } = parseArgs({
  options: {
    payers: { type: 'string' },
    days: { type: 'string' },
    seed: { type: 'string', default: '20260101' },
    short: { type: 'boolean', default: false },
    careless: { type: 'boolean', default: false },
    checkout: { type: 'string' },
  },
})
const MOST_TOLD = 60
/** Whose bounds an app that asks nobody breaks for certain. */
const CONTROL = { payers: 4, days: 120 }
const payers = Number(values.payers ?? (values.short ? 12 : 500))
const days = Number(values.days ?? (values.short ? 310 : 365))
const seed = Number(values.seed)
installFaults()
const build = await loadBuild(values.checkout)
const report = await live({ payers, days, conduct: values.careless ? 'careless' : 'as documented', tell: console.log })
print(report)
const control = await live({ ...CONTROL, conduct: 'careless' })
console.log(
  `control: an app that asks nobody has ${control.beyond.length} outages beyond their bound in ${CONTROL.days} days of ${CONTROL.payers} payers`,
)
process.exitCode = report.beyond.length === 0 && control.beyond.length > 0 ? 0 : 1

async function live(options: Omit<YearOptions, 'build' | 'folder' | 'seed'>): Promise<YearReport> {
  const folder = await mkdtemp(join(tmpdir(), 'keyslot-year-'))
  try {
    return await liveYear({ build, folder, seed, ...options })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function print({ lived, outages, starts, beyond }: YearReport): void {
  console.log('| circumstance | bound, days | lived | longest without a license, days |\n| --- | --- | --- | --- |')
  for (const { name, boundDays } of STORIES) {
    const longest = Math.max(0, ...outages.filter(({ stories }) => stories.includes(name)).map(({ days }) => days))
    console.log(`| ${name} | ${boundDays} | ${lived.get(name) ?? 0} | ${longest.toFixed(1)} |`)
  }
  for (const one of [...beyond].sort((a, b) => b.days - b.boundDays - a.days + a.boundDays).slice(0, MOST_TOLD)) {
    const { payer, day, days, boundDays, said, stories } = one
    console.log(
      `BEYOND ${payer} day ${day}: ${days.toFixed(1)} days (bound ${boundDays}); ${said}; ${stories.join(', ')}`,
    )
  }
  const out = beyond.reduce((sum, { days, boundDays }) => sum + days - boundDays, 0)
  console.log(
    `${payers} payers, ${days} days, ${starts} starts: ${beyond.length} of ${outages.length} outages beyond their bound, ${out.toFixed(0)} days in all`,
  )
}
