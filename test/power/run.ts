/**
 * Cuts the power of SQLite storage: a process writes and promises under strace, its files are made again as a disk may
 * have them at 50 points of the log, and opened. Controls that sync less must lose promises, so that a loss would be seen.
 * `npm run test:power`; `POWER_POINTS` sets how many points.
 */
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { leaveOut } from '../circumstances'
import { cutPower, type Losses } from './cut-power'
import { MODELS } from './disk'
import type { Event } from './events'
import { STORE } from './judge'
import { readLog } from './read-log'
import { runTraced, whyNoStrace } from './strace'

const POINTS = Number(process.env.POWER_POINTS ?? 50)
const WRITER = fileURLToPath(new URL('writer.ts', import.meta.url))

async function main(): Promise<void> {
  const why = whyNoStrace()
  if (why !== undefined) return leaveOut(why)
  // As strace has it.
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'keyslot-power-')))
  try {
    if (!(await tell(folder))) process.exitCode = 1
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Returns whether all is as it must be. */
async function tell(folder: string): Promise<boolean> {
  const events = await logOf(folder, 'FULL')
  const keeps = (losses: Losses) => losses.promises > 0 && losses.lost === 0 && losses.faults.length === 0
  const losesAlways = (losses: Losses) => losses.withPromises > 0 && losses.withLosses === losses.withPromises
  const losesSome = (losses: Losses) => losses.lost > 0
  const ours = await tellOf(folder, 'as it comes', events, keeps)
  const unsynced = await tellOf(folder, 'control, a disk that is never told to sync', withoutSyncs(events), losesAlways)
  const off = await tellOf(folder, 'control, synchronous = OFF', await logOf(folder, 'OFF'), losesSome)
  const normal = await tellOf(folder, 'control, synchronous = NORMAL', await logOf(folder, 'NORMAL'), losesSome)
  return ours && unsynced && off && normal
}

async function logOf(folder: string, synchronous: string): Promise<readonly Event[]> {
  const storeFolder = join(folder, synchronous)
  mkdirSync(storeFolder)
  const log = join(folder, 'log')
  await runTraced(log, WRITER, [join(storeFolder, STORE), synchronous])
  return readLog(log, storeFolder)
}

function withoutSyncs(events: readonly Event[]): readonly Event[] {
  return events.filter(({ kind }) => kind !== 'sync' && kind !== 'sync folder')
}

/** Says what each model of a disk loses; returns whether all is `asExpected`. */
async function tellOf(
  folder: string,
  what: string,
  events: readonly Event[],
  asExpected: (losses: Losses) => boolean,
): Promise<boolean> {
  let all = true
  for (const model of MODELS) {
    const losses = await cutPower(folder, events, model, POINTS)
    const isExpected = asExpected(losses)
    all &&= isExpected
    const { points, withPromises, withLosses, promises, lost, faults } = losses
    const where = `at ${withLosses} of ${withPromises} points with promises (${points} in all)`
    console.log(
      `${isExpected ? 'ok ' : 'NOT'} ${what}; ${model}: ${lost} of ${promises} promises lost, ${where}, ${faults.length} faults`,
    )
    if (!isExpected) for (const fault of faults) console.log(`    ${fault}`)
  }
  return all
}

await main()
