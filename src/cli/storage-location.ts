import { UsageError } from './failure'

/** Where a store is, as `--storage` names it. One in memory is gone with the process. */
export type StorageLocation = { readonly kind: 'memory' } | { readonly kind: 'sqlite'; readonly file: string }

export const DEFAULT_STORAGE = 'sqlite:keyslot.db'

/**
 * Reads `--storage`.
 * @throws {UsageError} for what this version has not; the text may hold a password and is never repeated
 */
export function parseStorage(text: string): StorageLocation {
  if (text === 'memory') return { kind: 'memory' }
  if (/^postgres(ql)?:/i.test(text)) {
    throw new UsageError('this version keeps licenses in memory or in SQLite only; PostgreSQL is not supported yet')
  }
  const file = text.startsWith('sqlite:') ? text.slice('sqlite:'.length) : ''
  if (file === ':memory:') return { kind: 'memory' }
  if (file.trim() === '') throw new UsageError('--storage must be memory or sqlite:FILE')
  if (/^\/\/[^/]/.test(file)) throw new UsageError('--storage must be sqlite:FILE, without // before the file')
  return { kind: 'sqlite', file }
}

/** Where the keyring is kept: `--keys`, else beside the SQLite file; undefined for nowhere but in this process. */
export function keyringFileOf(location: StorageLocation, keys: string | undefined): string | undefined {
  return keys ?? (location.kind === 'memory' ? undefined : `${location.file}.keys.json`)
}
