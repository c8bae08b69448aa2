import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { afterAll } from 'vitest'
import { childScript } from '../child-script'

/** The command line, as a person would run it from the package. */
export const COMMAND_LINE = fileURLToPath(new URL('../../src/cli/index.ts', import.meta.url))

type Child = ChildProcessByStdio<null, Readable, Readable>

const running = new Set<Child>()

/** No process outlives the tests of its file. */
afterAll(() => {
  for (const child of running) child.kill('SIGKILL')
})

export interface CommandResult {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs a command to its end. */
export function keyslot(...args: string[]): Promise<CommandResult> {
  return keyslotIn(process.cwd(), ...args)
}

/** The same, in a folder. */
export function keyslotIn(folder: string, ...args: string[]): Promise<CommandResult> {
  return runProgram(COMMAND_LINE, args, folder)
}

/** Runs a program in TypeScript to its end. */
export async function runProgram(program: string, args: string[], folder: string): Promise<CommandResult> {
  const child = await start(program, args, folder)
  const [stdout, stderr] = [collect(child.stdout), collect(child.stderr)]
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, stdout: stdout.text, stderr: stderr.text }
}

/** Runs a command that must succeed, and reads the one line of JSON it prints. */
export async function keyslotJson<T>(...args: string[]): Promise<T> {
  const { code, stdout, stderr } = await keyslot(...args, '--json')
  if (code !== 0) throw new Error(`keyslot ${args.join(' ')} ended with ${code}: ${stderr}`)
  if (!/^[^\n]+\n$/.test(stdout)) throw new Error(`not one line: ${stdout}`)
  return JSON.parse(stdout) as T
}

export interface ServeLine {
  readonly url: string
  readonly accountId: string
  readonly productId: string
  readonly packageId: number
  readonly secretToken: string
  readonly publishableToken: string
  readonly jwks: string
}

/** A server process, listening. */
export interface RunningServer<Line = ServeLine> {
  readonly line: Line
  /** Everything on stdout so far. */
  readonly stdout: () => string
  readonly stderr: () => string
  readonly signal: (signal: NodeJS.Signals) => void
  /** How it ended: its exit code, or the signal's name. */
  readonly ended: Promise<number | NodeJS.Signals | null>
  /** SIGTERM, and how it ended. */
  stop(): Promise<number | NodeJS.Signals | null>
}

/** Starts `keyslot serve --json` on a free port, unless `args` say otherwise. */
export function serve(...args: string[]): Promise<RunningServer> {
  return startListening<ServeLine>(COMMAND_LINE, ['serve', '--json', '--port', '0', ...args])
}

/** Runs a command until it has said `text`, stops it, and returns everything it printed. It must exit 0. */
export async function keyslotUntil(text: string, ...args: string[]): Promise<string> {
  const child = await start(COMMAND_LINE, args)
  const stdout = collect(child.stdout)
  child.stdout.on('data', () => stdout.text.includes(text) && child.kill('SIGTERM'))
  const [code] = (await once(child, 'close')) as [number | null]
  if (code !== 0) throw new Error(`keyslot ${args.join(' ')} ended with ${code}`)
  return stdout.text
}

/** The same, in a folder. */
export function serveIn(folder: string): Promise<RunningServer> {
  return startListening<ServeLine>(COMMAND_LINE, ['serve', '--json', '--port', '0'], folder)
}

/** Starts a program in TypeScript that prints one line of JSON once it listens. */
export async function startListening<Line>(
  program: string,
  args: string[],
  folder = process.cwd(),
): Promise<RunningServer<Line>> {
  const child = await start(program, args, folder)
  const [stdout, stderr] = [collect(child.stdout), collect(child.stderr)]
  const ended = once(child, 'close').then(([code, signal]) => (code ?? signal) as number | NodeJS.Signals | null)
  const failed = ended.then((end) => Promise.reject(new Error(`ended with ${end}: ${stderr.text}`)))
  const [line] = (await Promise.race([once(createInterface(child.stdout), 'line'), failed])) as [string]
  const signal = (name: NodeJS.Signals) => void child.kill(name)
  return {
    line: JSON.parse(line) as Line,
    stdout: () => stdout.text,
    stderr: () => stderr.text,
    signal,
    ended,
    stop() {
      signal('SIGTERM')
      return ended
    },
  }
}

async function start(program: string, args: readonly string[], folder = process.cwd()): Promise<Child> {
  const child = spawn(process.execPath, [await childScript(program), ...args], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  running.add(child)
  child.once('close', () => running.delete(child))
  return child
}

function collect(stream: Readable): { readonly text: string } {
  const collected = { text: '' }
  stream.setEncoding('utf8').on('data', (chunk: string) => {
    collected.text += chunk
  })
  return collected
}
