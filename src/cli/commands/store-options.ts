import type { Command } from 'commander'
import { wholeNumber } from '../option-values'
import { DEFAULT_STORAGE } from '../storage-location'

/** The options of every command that works on a store. */
export function withStoreOptions(command: Command): Command {
  return command
    .option('--storage <where>', 'the store: sqlite:FILE', DEFAULT_STORAGE)
    .option('--keys <file>', 'its signing keys; default FILE.keys.json beside the SQLite file')
    .option('--json', 'print JSON, for machines')
}

/** A stretch of a list. */
export function withPaging(command: Command): Command {
  return command
    .option('--limit <number>', 'at most this many', wholeNumber(1, 10_000), 100)
    .option('--offset <number>', 'leave out so many before the first', wholeNumber(0, 999_999_999), 0)
}

export const PRIVATE_WEBHOOK = 'a private host webhooks may reach, over http: too; can be given several times'

/** The argument that names a license. */
export const KEY = ['<license-key>', 'letter case does not matter'] as const
