import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const runFile = promisify(execFile)

/** Runs a command of this very program in a process of its own, and returns the JSON that the command prints. */
export async function runJson<T>(...args: readonly string[]): Promise<T> {
  const [, program = ''] = process.argv
  const { stdout } = await runFile(process.execPath, [...process.execArgv, program, ...args, '--json'])
  return JSON.parse(stdout) as T
}
