import { basename, dirname, join, resolve } from 'node:path'
import { UsageError } from './failure'

/** Where a store is, as `--storage` names it. One in memory is gone with the process. */
export type StorageLocation =
  | { readonly kind: 'memory' }
  | { readonly kind: 'sqlite'; readonly file: string }
  | PostgresLocation

export interface PostgresLocation {
  readonly kind: 'postgres'
  /** May hold a password: never shown. */
  readonly connectionString: string
  /** Undefined for the storage's own default. */
  readonly schema: string | undefined
}

/** Where `--storage` is read from if it is not given: a password has no place on a command line, which others can see. */
export const STORAGE_VARIABLE = 'KEYSLOT_STORAGE'

/** Both names are those of the README's server, so that commands in its folder work on its store with its keys. */
const STORE_FILE = 'licenses.db'
const KEYRING_FILE = 'licensing-keys.json'

export const DEFAULT_STORAGE = `sqlite:${STORE_FILE}`

/**
 * Reads `--storage`.
 * @throws {UsageError} for what this version has not; the text may hold a password and is never repeated
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

/** The parameter `schema` is ours; everything else is the driver's, and stays as it was written. */
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

/** A connection string as a URL: one for a local socket may name a user but no host, which URLs do not allow. */
function urlOf(connectionString: string): URL | undefined {
  const whole = connectionString.replace(/^([^/]+\/\/[^/?]*@)(?=\/)/, '$1localhost')
  return /^[^/]+\/\//.test(whole) && URL.canParse(whole) ? new URL(whole) : undefined
}

/** Where a store is, for people: no user, no password. */
export function describeLocation(location: StorageLocation): string {
  if (location.kind === 'memory') return 'in memory, gone when this process ends'
  if (location.kind === 'sqlite') return resolve(location.file)
  const url = urlOf(location.connectionString)
  const where = `postgres://${url?.host ?? ''}${url?.pathname ?? ''}`
  return location.schema === undefined ? where : `${where}?schema=${encodeURIComponent(location.schema)}`
}

/**
 * Where the keyring is kept: `--keys`, else beside the SQLite file, or in the working folder for PostgreSQL; undefined
 * for nowhere but in this process. Only a file of another name than the default has a keyring named after it: whoever
 * names the default file in full, from wherever, gets the same keys.
 */
export function keyringFileOf(location: StorageLocation, keys: string | undefined): string | undefined {
  if (keys !== undefined) return keys
  if (location.kind === 'sqlite') return keyringBeside(location.file)
  return location.kind === 'postgres' ? KEYRING_FILE : undefined
}

function keyringBeside(file: string): string {
  return basename(file) === STORE_FILE ? join(dirname(file), KEYRING_FILE) : `${file}.keys.json`
}
