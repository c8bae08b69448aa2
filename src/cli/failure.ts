import { CommanderError } from 'commander'

/** A wrong use of the command line that only the command itself can see. Its message is shown as it is. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** Something this machine would not do, such as opening a port. Its message is shown as it is. */
export class CommandFailure extends Error {
  override readonly name = 'CommandFailure'
}

const FAILED = 1
const WRONG_USAGE = 2

/** Why a command ended, in one line; undefined where commander has written it already, or nothing went wrong. Never a stack. */
export function sentenceOf(error: unknown): string | undefined {
  if (error instanceof CommanderError) return undefined
  const message = error instanceof Error ? error.message : String(error)
  return oneLine(message) || 'failed without saying why'
}

/** 0 for help and version, 2 for a wrong use of the command line, 1 for everything else. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof UsageError) return WRONG_USAGE
  // A group without a subcommand shows its help, which is what was asked for.
  if (error instanceof CommanderError) return error.exitCode === 0 || error.code === 'commander.help' ? 0 : WRONG_USAGE
  return FAILED
}

/** Several lines as one, for whoever reads or greps stderr. */
export function oneLine(text: string): string {
  return text.trim().replace(/\s*\n\s*/g, ' ')
}
