import { readFileSync } from 'node:fs'
import { readFile, realpath, stat } from 'node:fs/promises'
import { writeAtomically } from '../../files/atomic-file'
import { codeOf } from '../../files/error-code'
import { createExclusively } from '../../files/exclusive-file'
import { withFileLock } from '../../files/file-lock'
import { isLicenseError, LicenseError } from '../../protocol/license-error'
import { createKeyring, type Keyring, parseKeyring, revokeKey, rotateKeyring, serializeKeyring } from './keyring'

/** Where a keyring is kept: the path of a file, or an environment variable that holds the file's content. */
export type KeyringSource = string | { readonly env: string }

/**
 * Loads the keyring. A file that does not exist is made, with mode 0600 and one new key; of several processes that do
 * so at once one wins, and all return its keys. A file on which group or others have rights is taken, with one warning of
 * the process (code `KEYSLOT_KEYRING_OPEN`).
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
 * Retires the current key in a keyring file and makes a new one, written atomically; changes at once, of other processes
 * too, take turns. The file keeps its owner, group and mode, and a link to it stays one. Running servers sign with the
 * old key until they load the file again.
 *
 * @throws {LicenseError} KEYRING_INVALID when the file holds no keyring or cannot be written
 */
export function rotateKeyringFile(file: string, now: Date = new Date()): Promise<Keyring> {
  return changeFile(file, (keyring) => rotateKeyring(keyring, now))
}

/**
 * Revokes a retired key in a keyring file, as {@link rotateKeyringFile} changes it. Running servers go on publishing it
 * until they load the file again.
 *
 * @throws {LicenseError} INVALID_REQUEST when the file holds no key of that `kid`, or it is the current one
 * @throws {LicenseError} KEYRING_INVALID when the file holds no keyring or cannot be written
 */
export function revokeKeyInFile(file: string, kid: string, now: Date = new Date()): Promise<Keyring> {
  return changeFile(file, (keyring) => revokeKey(keyring, kid, now))
}

/** A link goes on leading where it led: what it leads to is changed, and locked. */
async function changeFile(file: string, change: (keyring: Keyring) => Keyring): Promise<Keyring> {
  if ((await readIfExists(file)) === undefined) {
    throw new LicenseError('KEYRING_INVALID', `there is no keyring in ${file}`)
  }
  try {
    const real = await realpath(file)
    for (;;) {
      const changed = await withFileLock(real, (isHeld) => changeOnce(real, change, isHeld))
      if (changed !== undefined) return changed
    }
  } catch (error) {
    throw isLicenseError(error) ? error : unusable(file, error)
  }
}

/** @returns undefined where the file is not what it was, or the lock is lost: it is to be tried again */
async function changeOnce(
  file: string,
  change: (keyring: Keyring) => Keyring,
  isHeld: () => boolean,
): Promise<Keyring | undefined> {
  const text = await readFile(file, 'utf8')
  const changed = change(parseKeyring(text, file))
  const isCurrent = () => isHeld() && readFileSync(file, 'utf8') === text
  const isWritten = await writeAtomically(file, serializeKeyring(changed), {
    sharedFolder: true,
    keepsOwner: true,
    isCurrent,
  })
  return isWritten ? changed : undefined
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
    const text = await readFile(file, 'utf8')
    await warnIfOpen(file)
    return text
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw unusable(file, error)
  }
}

const warned = new Set<string>()

/** Warns once a process about a file that is not its owner's alone. Windows has no such modes. */
async function warnIfOpen(file: string): Promise<void> {
  if (process.platform === 'win32' || warned.has(file)) return
  const mode = (await stat(file)).mode & 0o777
  if ((mode & 0o077) === 0) return
  warned.add(file)
  process.emitWarning(
    `keyslot: the keyring file ${file} has mode 0${mode.toString(8)}: whoever reads it can sign licenses. ` +
      'Only its owner should have rights on it (chmod 600).',
    { code: 'KEYSLOT_KEYRING_OPEN' },
  )
}

/**
 * Writes a new keyring, unless another process was first.
 * @returns the text of the keyring that is there
 */
async function createFile(file: string, now: Date): Promise<string> {
  const text = serializeKeyring(createKeyring(now))
  let problem: unknown
  try {
    if (await createExclusively(file, text, { sharedFolder: true })) return text
  } catch (error) {
    problem = error
  }
  const theirs = await readIfExists(file)
  if (theirs === undefined) throw unusable(file, problem)
  return theirs
}

function unusable(file: string, cause: unknown): LicenseError {
  const code = codeOf(cause)
  return new LicenseError(
    'KEYRING_INVALID',
    `the keyring file ${file} cannot be read or written${code === undefined ? '' : ` (${code})`}`,
    { cause },
  )
}
