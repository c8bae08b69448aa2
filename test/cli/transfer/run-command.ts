import { fileURLToPath } from 'node:url'
import { vi } from 'vitest'
import { exitCodeOf, sentenceOf } from '../../../src/cli/failure'
import { openStore } from '../../../src/cli/open-store'
import { createProgram } from '../../../src/cli/program'
import type { CommandResult } from '../keyslot-process'

/** Runs a command in this process: its code, and what it printed. */
export async function run(...args: string[]): Promise<CommandResult> {
  const printed = { stdout: '', stderr: '' }
  const spies = (['stdout', 'stderr'] as const).map((name) =>
    vi.spyOn(process[name], 'write').mockImplementation((chunk, encoding?: unknown, done?: unknown) => {
      printed[name] += String(chunk)
      const callback = typeof encoding === 'function' ? encoding : done
      if (typeof callback === 'function') callback()
      return true
    }),
  )
  let code = 0
  try {
    await createProgram('0.0.0').parseAsync(args, { from: 'user' })
  } catch (error) {
    code = exitCodeOf(error)
    printed.stderr += `keyslot: ${sentenceOf(error)}\n`
  } finally {
    for (const spy of spies) spy.mockRestore()
  }
  return { code, ...printed }
}

/** Runs a command that must succeed and prints one line of JSON. */
export async function runJson<T>(...args: string[]): Promise<T> {
  const { code, stdout, stderr } = await run(...args, '--json')
  if (code !== 0) throw new Error(`keyslot ${args.join(' ')} ended with ${code}: ${stderr}`)
  return JSON.parse(stdout) as T
}

export interface Line {
  readonly kind: string
  readonly [field: string]: unknown
}

/** The records of a store, as it exports them. */
export async function exported(storage: string, ...kinds: string[]): Promise<readonly Line[]> {
  const chosen = kinds.length > 0 ? ['--kinds', kinds.join(',')] : []
  const { code, stdout, stderr } = await run('export', '--storage', storage, ...chosen)
  if (code !== 0) throw new Error(`export ended with ${code}: ${stderr}`)
  return stdout
    .trimEnd()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Line)
}

export function fixture(name: string): string {
  return fileURLToPath(new URL(`fixtures/${name}`, import.meta.url))
}

/** A store with the licensing service over it, which neither cleans up nor delivers on its own. */
export function openService(storage: string) {
  return openStore({ storage }, { housekeepingSeconds: 0, rateLimits: false, webhooks: { deliver: false } })
}
