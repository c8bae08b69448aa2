import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

/** The line that `keyslot serve --json` prints. */
export interface ServeLine {
  readonly url: string
  readonly accountId: string
  readonly productId: string
  readonly packageId: number
  readonly secretToken: string
  readonly publishableToken: string
  readonly jwks: string
}

export interface ServerProcess {
  readonly pid: number
  readonly line: ServeLine
  /** Asks the server to stop; returns its exit code, or the signal that ended it. */
  stop(): Promise<number | string | null>
  /** Kills the server. */
  kill(): void
}

const START_MS = 20_000

/** Starts this very program with `serve --json` in a process of its own, and waits until the server listens. */
export async function startServer(args: readonly string[]): Promise<ServerProcess> {
  const [, program = ''] = process.argv
  const child = spawn(process.execPath, [...process.execArgv, program, 'serve', '--json', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  try {
    const line = JSON.parse(await firstLine(child)) as ServeLine
    return {
      pid: child.pid ?? 0,
      line,
      stop: () => stop(child),
      kill: () => void child.kill('SIGKILL'),
    }
  } catch (error) {
    child.kill('SIGKILL')
    throw error
  }
}

/** The first line on stdout; without one, fails with the text on stderr. */
async function firstLine(child: ChildProcess): Promise<string> {
  if (child.stdout === null || child.stderr === null) throw new TypeError('the process has no pipes')
  let complaint = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint += text
  })
  const line = once(createInterface(child.stdout), 'line', { signal: AbortSignal.timeout(START_MS) })
  const gone = once(child, 'close').then(() =>
    Promise.reject(new Error(complaint.trim() || 'the server did not start')),
  )
  const [text] = (await Promise.race([line, gone])) as [string]
  return text
}

async function stop(child: ChildProcess): Promise<number | string | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode ?? child.signalCode
  const ended = once(child, 'exit') as Promise<[number | null, string | null]>
  child.kill('SIGTERM')
  const [code, signal] = await ended
  return code ?? signal
}
