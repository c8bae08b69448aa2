import { randomBytes } from 'node:crypto'
import { link, open, readFile, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { LicenseError } from '../../protocol/license-error'
import { createKeyring, type Keyring, parseKeyring, revokeKey, rotateKeyring, serializeKeyring } from './keyring'

const FILE_MODE = 0o600

/** Where a keyring is kept: the path of a file, or an environment variable that holds the file's content. */
export type KeyringSource = string | { readonly env: string }

/**
 * Loads the keyring. A file that does not exist is made, with mode 0600 and one new key; of several processes that do
 * so at once one wins, and all return its keys.
 *
 * @throws {LicenseError} KEYRING_INVALID when the file or variable holds no keyring, the variable is not set, or the
 *   file cannot be read or made
 */
export async function loadKeyring(source: KeyringSource, now: Date = new Date()): Promise<Keyring> {
  if (typeof source !== 'string') return fromEnvironment(source.env)
  const text = (await readIfExists(source)) ?? (await createFile(source, now))
  return parseKeyring(text, source)
}

/**
 * Retires the current key in a keyring file and makes a new one, written atomically. Running servers sign with the old
 * key until they load the file again.
 *
 * @throws {LicenseError} KEYRING_INVALID when the file holds no keyring or cannot be written
 */
export function rotateKeyringFile(file: string, now: Date = new Date()): Promise<Keyring> {
  return changeFile(file, (keyring) => rotateKeyring(keyring, now))
}

/**
 * Revokes a retired key in a keyring file, written atomically. Running servers go on publishing it until they load the
 * file again.
 *
 * @throws {LicenseError} INVALID_REQUEST when the file holds no key of that `kid`, or it is the current one
 * @throws {LicenseError} KEYRING_INVALID when the file holds no keyring or cannot be written
 */
export function revokeKeyInFile(file: string, kid: string, now: Date = new Date()): Promise<Keyring> {
  return changeFile(file, (keyring) => revokeKey(keyring, kid, now))
}

async function changeFile(file: string, change: (keyring: Keyring) => Keyring): Promise<Keyring> {
  const text = await readIfExists(file)
  if (text === undefined) throw new LicenseError('KEYRING_INVALID', `there is no keyring in ${file}`)
  const changed = change(parseKeyring(text, file))
  await placeFile(file, serializeKeyring(changed), rename)
  return changed
}

function fromEnvironment(variable: string): Keyring {
  const text = process.env[variable]
  if (text === undefined || text === '') {
    throw new LicenseError('KEYRING_INVALID', `the environment variable ${variable} is not set`)
  }
  return parseKeyring(text, `the environment variable ${variable}`)
}

async function readIfExists(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined
    throw unusable(file, error)
  }
}

/** Writes a new keyring unless another process was first; returns whichever is there. */
async function createFile(file: string, now: Date): Promise<string> {
  const text = serializeKeyring(createKeyring(now))
  try {
    // link() fails where the name is taken, so the first writer wins and nobody ever sees half a file.
    await placeFile(file, text, link)
    return text
  } catch (error) {
    const theirs = await readIfExists(file)
    if (theirs !== undefined) return theirs
    throw error
  }
}

async function placeFile(
  file: string,
  text: string,
  place: (from: string, to: string) => Promise<void>,
): Promise<void> {
  const temporary = `${file}.${process.pid}.${randomBytes(6).toString('hex')}.tmp`
  try {
    await writeSynced(temporary, text)
    await place(temporary, file)
    await syncFolder(dirname(file))
  } catch (error) {
    throw unusable(file, error)
  } finally {
    await rm(temporary, { force: true })
  }
}

async function writeSynced(file: string, text: string): Promise<void> {
  const handle = await open(file, 'wx', FILE_MODE)
  try {
    await handle.writeFile(text)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Makes the new name itself survive a power cut. Windows cannot open folders, and needs no such thing. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

function unusable(file: string, cause: unknown): LicenseError {
  const code = cause instanceof Error && 'code' in cause ? ` (${String(cause.code)})` : ''
  return new LicenseError('KEYRING_INVALID', `the keyring file ${file} cannot be read or written${code}`, { cause })
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
