import { basename, dirname, join, resolve } from 'node:path'
import type { KeyringSource } from '../server/index'
import { UsageError } from './failure'

/** The place of a store, as `--storage` names it. A store in memory ends with its process. */
export type StorageLocation =
  | { readonly kind: 'memory' }
  | { readonly kind: 'sqlite'; readonly file: string }
  | PostgresLocation

interface PostgresLocation {
  readonly kind: 'postgres'
  /** May hold a password: never shown. */
  readonly connectionString: string
  /** Undefined for the storage's own default. */
  readonly schema: string | undefined
}

/** The variable that stands in for `--storage`: other users can see a command line, and a password on it. */
export const STORAGE_VARIABLE = 'KEYSLOT_STORAGE'

/** The variable that stands in for `--keys`. */
export const KEYS_VARIABLE = 'KEYSLOT_KEYS'

/** The README's server has the same two names, so that commands in its folder work on its store with its keys. */
const STORE_FILE = 'licenses.db'
const KEYRING_FILE = 'licensing-keys.json'

export const DEFAULT_STORAGE = `sqlite:${STORE_FILE}`

/**
 * Reads `--storage`.
 * @throws {UsageError} for a text that names no kind of store; the text may hold a password and is never repeated
 */
export function parseStorage(text: string): StorageLocation {
  if (text === 'memory') return { kind: 'memory' }
  if (/^postgres(ql)?:/i.test(text)) return parsePostgres(text)
  const file = text.startsWith('sqlite:') ? text.slice('sqlite:'.length) : ''
  if (file === ':memory:') return { kind: 'memory' }
  if (file.trim() === '') throw new UsageError('--storage must be memory, sqlite:FILE or postgres://…')
  if (/^\/\/[^/]/.test(file)) throw new UsageError('--storage must be sqlite:FILE, without // before the file')
  return { kind: 'sqlite', file }
}

/** Takes the parameter `schema`, which is ours. Everything else is for the driver, and stays as it was written. */
function parsePostgres(text: string): PostgresLocation {
  const url = urlOf(text)
  const schema = url?.searchParams.get('schema') ?? undefined
  if (url === undefined || url.hash !== '' || schema === '') {
    throw new UsageError(
      '--storage must be postgres://USER:PASSWORD@HOST:PORT/DATABASE, if need be with ?schema=NAME; ' +
        'other than letters and digits, user and password are percent-encoded (%40 for @)',
    )
  }
  return { kind: 'postgres', connectionString: withoutParameter(text, 'schema'), schema }
}

function withoutParameter(url: string, name: string): string {
  const [, base = url, query = ''] = /^([^?]*)\?(.*)$/s.exec(url) ?? []
  const others = query.split('&').filter((parameter) => parameter !== '' && parameter.split('=')[0] !== name)
  return others.length > 0 ? `${base}?${others.join('&')}` : base
}

/** A connection string as a URL. The string of a local socket may name a user and no host, which URLs do not allow. */
function urlOf(connectionString: string): URL | undefined {
  const whole = connectionString.replace(/^([^/]+\/\/[^/?]*@)(?=\/)/, '$1localhost')
  return /^[^/]+\/\//.test(whole) && URL.canParse(whole) ? new URL(whole) : undefined
}

/** The place of a store, for people: without user and password. */
export function describeLocation(location: StorageLocation): string {
  if (location.kind === 'memory') return 'in memory, gone when this process ends'
  if (location.kind === 'sqlite') return resolve(location.file)
  const url = urlOf(location.connectionString)
  const where = `postgres://${url?.host ?? ''}${url?.pathname ?? ''}`
  return location.schema === undefined ? where : `${where}?schema=${encodeURIComponent(location.schema)}`
}

/** How options name the signing keys. */
export interface KeysNamed {
  /** `--keys`, a file. */
  readonly keys?: string | undefined
  /** `--keys-env`, a variable that holds what such a file holds. */
  readonly keysEnv?: string | undefined
}

/** Where the keyring is. Undefined for a store in memory, where the options do not say. */
export function keyringSourceOf(location: StorageLocation, { keys, keysEnv }: KeysNamed): KeyringSource | undefined {
  return keysEnv === undefined ? (keys ?? usualKeyringFile(location)) : { env: keysEnv }
}

/**
 * The file of the keyring where nothing else is said: beside the SQLite file, or in the working folder for PostgreSQL. The
 * default SQLite file has the default keyring beside it, however its path is written; a keyring beside any other file is named
 * after that file.
 */
export function usualKeyringFile(location: StorageLocation): string | undefined {
  if (location.kind === 'sqlite') return keyringBeside(location.file)
  return location.kind === 'postgres' ? KEYRING_FILE : undefined
}

/** The place of a keyring, for people. */
export function describeKeyring(source: KeyringSource | undefined): string {
  if (source === undefined) return describeLocation({ kind: 'memory' })
  return typeof source === 'string'
    ? `${resolve(source)} (private: back it up)`
    : `the variable ${source.env} (private)`
}

/** Where the keyring of a SQLite file is, where nothing else is said. */
export function keyringBeside(file: string): string {
  return basename(file) === STORE_FILE ? join(dirname(file), KEYRING_FILE) : `${file}.keys.json`
}
