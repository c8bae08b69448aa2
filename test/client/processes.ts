import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { childScript } from '../child-script'

/** Compiles a script once, so that many processes start at nearly the same moment; returns how to run it, and with which variables added. */
export async function compileScript(
  source: string,
): Promise<(args: string[], env?: Record<string, string>) => ChildProcess> {
  const outfile = await compileFile(source)
  return (args, env = {}) =>
    spawn(process.execPath, [outfile, ...args], { stdio: ['pipe', 'pipe', 'inherit'], env: { ...process.env, ...env } })
}

/** Compiles a script, which imports as from this folder, into one file; returns its path. */
export function compileFile(source: string): Promise<string> {
  return childScript({ source, folder: import.meta.dirname })
}

/** For a script's start: `await startBarrier()` holds it until {@link startTogether} lets all go at once. */
export const START_BARRIER = `
  import { once } from 'node:events'
  async function startBarrier() {
    process.stdout.write('ready\\n')
    await once(process.stdin, 'data')
    process.stdin.destroy()
  }
`

/** Waits until every process stands at its barrier, lets them go, and returns what each printed after it. */
export async function startTogether(children: ChildProcess[]): Promise<string[]> {
  await Promise.all(children.map((child) => child.stdout && once(child.stdout, 'data')))
  const outputs = children.map(async (child) => {
    let text = ''
    child.stdout?.on('data', (chunk: Buffer) => {
      text += chunk.toString()
    })
    await once(child, 'close')
    return text.trim()
  })
  for (const child of children) child.stdin?.write('go\n')
  return await Promise.all(outputs)
}
