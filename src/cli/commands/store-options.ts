import { type Command, Option, type OptionsOf } from '../commander'
import { wholeNumber } from '../option-values'
import { DEFAULT_STORAGE, KEYS_VARIABLE, STORAGE_VARIABLE } from '../storage-location'

export type StoreOptions = OptionsOf<typeof withStoreOptions>
export type ListOptions = OptionsOf<typeof withListOptions>

/** Declares the options of every command that works on a store. */
export function withStoreOptions(command: Command) {
  return command
    .addOption(storageOption('the store: sqlite:FILE, or postgres://USER:PASSWORD@HOST/DATABASE?schema=NAME'))
    .addOption(keysOption(`its signing keys; ${DEFAULT_KEYS}`))
    .addOption(keysEnvOption())
    .option('--json', 'print JSON, for machines')
}

/** `--storage`, which the environment can give as well. */
export function storageOption(description: string) {
  return new Option('--storage <where>', description).env(STORAGE_VARIABLE).default(DEFAULT_STORAGE)
}

/** `--keys`, which the environment can give as well. */
export function keysOption(description: string) {
  return new Option('--keys <file>', description).env(KEYS_VARIABLE)
}

export function keysEnvOption() {
  return new Option('--keys-env <name>', 'the variable that holds the keys, as such a file does').conflicts('keys')
}

export const DEFAULT_KEYS =
  'default licensing-keys.json beside licenses.db, FILE.keys.json beside any other FILE, licensing-keys.json here for PostgreSQL'

/** Declares the options of every command that lists what is in a store. */
export function withListOptions(command: Command) {
  return withStoreOptions(command)
    .option('--limit <number>', 'at most this many', wholeNumber(1, 10_000), 100)
    .option('--offset <number>', 'leave out so many before the first', wholeNumber(0, 999_999_999), 0)
}

/** `--free-unseen-days`, for the commands that do housekeeping. */
export function freeUnseenOption() {
  const description =
    'free hosts not seen for so many days, once their license tokens and files have ended; default never'
  return new Option('--free-unseen-days <days>', description).argParser(wholeNumber(1, 9_999))
}

export const PRIVATE_WEBHOOK = 'a private host webhooks may reach, over http: too; can be given several times'

/** The argument with the license key. */
export const KEY = ['<license-key>', 'letter case does not matter'] as const
