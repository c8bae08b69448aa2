import { CommanderError } from 'commander'

/** A wrong use of the command line that commander does not see. The message is shown as it is. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** A failure of this machine, such as a port that cannot be opened. The message is shown as it is. */
export class CommandFailure extends Error {
  override readonly name = 'CommandFailure'
}

const FAILED = 1
const WRONG_USAGE = 2

/** The reason why a command failed, in one line and without a stack; undefined where commander has written the reason. */
export function sentenceOf(error: unknown): string | undefined {
  if (error instanceof CommanderError) return undefined
  const message = error instanceof Error ? error.message : String(error)
  return oneLine(message) || 'failed without saying why'
}

/** 0 for help and version, 2 for a wrong use of the command line, 1 for everything else. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof UsageError) return WRONG_USAGE
  // A group without a subcommand shows its help, as the person wanted.
  if (error instanceof CommanderError) return error.exitCode === 0 || error.code === 'commander.help' ? 0 : WRONG_USAGE
  return FAILED
}

/** Joins several lines into one, so that `grep` finds the whole message on stderr. */
export function oneLine(text: string): string {
  return text.trim().replace(/\s*\n\s*/g, ' ')
}
