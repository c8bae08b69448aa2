import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Circumstance } from './circumstances'
import { checkWindow, runTogether, type Site, sellWindows } from './window'

/** More, for as long as one likes: `LINEARIZABILITY_WINDOWS=5000`. */
export const WINDOWS = Number(process.env.LINEARIZABILITY_WINDOWS ?? 300)
/** Other calls than those of other seeds. When they meet is up to the machine. */
const SEED = Number(process.env.LINEARIZABILITY_SEED ?? 1)
/** So many windows share the pace of the processes, and their batches. */
const AT_ONCE = 4
/** At least two minutes. */
export const TIMEOUT_MS = Math.max(120_000, WINDOWS * 1_000)

interface Findings {
  readonly windows: number
  readonly operations: number
  /** Operations whose callers were told nothing. */
  readonly unknown: number
  /** Why that was so. */
  readonly reasons: readonly string[]
  /** Sets of changes that another process was faster than. */
  readonly conflicts: number
  /** What nothing explains, with its history. */
  readonly violations: readonly string[]
  readonly checkMs: number
  readonly ms: number
}

/** Runs windows, a few at once: all of them, or until one has a violation. Each has objects of its own. */
export async function runWindows(
  site: Site,
  circumstance: Circumstance,
  windows: number,
  until: 'end' | 'violation' = 'end',
): Promise<Findings> {
  const folder = mkdtempSync(join(tmpdir(), 'keyslot-windows-'))
  const startedAt = performance.now()
  const sum = { windows: 0, operations: 0, unknown: 0, conflicts: 0 }
  const reasons = new Set<string>()
  const violations: string[] = []
  let checkMs = 0
  try {
    await sellWindows(site.store, windows)
    while (sum.windows < windows && (until === 'end' || violations.length === 0)) {
      const next = Array.from({ length: Math.min(AT_ONCE, windows - sum.windows) }, (_, at) => sum.windows + at)
      const { histories, conflicts } = await runTogether(site, { windows: next, seed: SEED, circumstance, folder })
      const all = histories.flatMap((history) => Object.values(history).flat())
      sum.windows += next.length
      sum.operations += all.length
      sum.unknown += all.filter(({ outcome }) => outcome === null).length
      sum.conflicts += conflicts
      for (const { why } of all) if (why !== undefined) reasons.add(why)
      const checkedAt = performance.now()
      for (const [at, history] of histories.entries()) {
        const found = Object.entries(checkWindow(history))
        violations.push(...found.map(([object, text]) => `${object} of window ${next[at]}, seed ${SEED}\n${text}`))
      }
      checkMs += performance.now() - checkedAt
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  const ms = Math.round(performance.now() - startedAt)
  return { ...sum, reasons: [...reasons], violations, checkMs: Math.round(checkMs), ms }
}

/** Says what was measured, and which objects had violations. */
export function say(engine: string, circumstance: Circumstance, { violations, ...figures }: Findings): void {
  const objects = violations.map((text) => text.split(' ', 1)[0])
  console.info(`linearizability, ${engine}, ${circumstance}: ${JSON.stringify({ ...figures, violations: objects })}`)
}
