/**
 * A vendor's year with people who have paid, on clocks of their own: `npm run test:year`. Each circumstance has a bound: how
 * long somebody may be without a usable license for it. Ends with 1 where somebody was for longer.
 *
 *   npm run test:year -- --payers 500 --seed 7
 *   npm run test:year -- --short
 *   npm run test:year -- --careless           the control: an app that asks nobody before it tells of an end
 *   npm run test:year -- --checkout ../old    the control: another build
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { loadBuild } from './build'
import { installFaults } from './faults'
import { STORIES } from './stories'
import { liveYear, type YearReport } from './year'

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
const payers = Number(values.payers ?? (values.short ? 40 : 500))
const days = Number(values.days ?? 365)
const folder = await mkdtemp(join(tmpdir(), 'keyslot-year-'))
installFaults()
try {
  const build = await loadBuild(values.checkout)
  const conduct = values.careless ? 'careless' : 'as documented'
  const report = await liveYear({ build, folder, seed: Number(values.seed), payers, days, conduct, tell: console.log })
  print(report)
  process.exitCode = report.beyond.length === 0 ? 0 : 1
} finally {
  await rm(folder, { recursive: true, force: true })
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
