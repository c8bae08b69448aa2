import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { LicenseError, type LicenseErrorCode } from '../protocol'
import { writeAtomically } from './atomic-file'
import { sentenceFor } from './messages'
import { MAX_LIST_LENGTH, type RevocationList, verifyRevocationList } from './revocation-list'
import { stampOf } from './token-cache'
import type { TrustStore } from './trust-store'

/**
 * The newest revocation list seen. It is kept as it was signed, so that editing the file only destroys it, in a file of
 * its own that outlives the activation: a cache file restored after `deactivate()` is judged by it.
 */
export interface RevocationStore {
  /** The newest list known; undefined when there is none. */
  newest(): Promise<RevocationList | undefined>
  /**
   * Takes a list, unless a newer one is known. What cannot be written is kept in memory.
   * @throws {LicenseError} REVOCATION_LIST_MALFORMED, REVOCATION_LIST_UNTRUSTED, REVOCATION_LIST_OUTDATED
   */
  accept(text: string): Promise<RevocationList>
  /** Why the list fetched last was not taken; null when it was, or none was. */
  lastProblem: LicenseErrorCode | null
}

export const REVOCATIONS_FILE = 'revocations.jws'

/** Nobody writes often enough to be faster this many times. */
const MAX_ATTEMPTS = 5

/** @param dataDir undefined: memory only */
export function createRevocationStore(
  dataDir: string | undefined,
  trustStore: TrustStore,
  issuer: string,
): RevocationStore {
  const file = dataDir === undefined ? undefined : path.join(dataDir, REVOCATIONS_FILE)
  let stored: { readonly stamp: string; readonly list: RevocationList | undefined } | undefined
  /** Also when the file was removed, or put back to an older one, while this process runs. */
  let newestSeen: RevocationList | undefined

  async function read(): Promise<NonNullable<typeof stored>> {
    const stamp = stampOf(file)
    if (stored?.stamp === stamp) return stored
    const list = file === undefined || stamp === 'absent' ? undefined : await readList(file)
    see(list)
    stored = { stamp, list }
    return stored
  }

  function see(list: RevocationList | undefined): void {
    if (list !== undefined && list.version >= (newestSeen?.version ?? 0)) newestSeen = list
  }

  async function readList(from: string): Promise<RevocationList | undefined> {
    try {
      return await verifyRevocationList(await readFile(from, 'utf8'), trustStore, issuer)
    } catch {
      // Damaged, or signed with a key this version of the app no longer trusts: as good as none.
      return undefined
    }
  }

  /** False when another process has written meanwhile. */
  async function write(list: RevocationList, stamp: string): Promise<boolean> {
    if (file === undefined) return true
    return await writeAtomically(file, list.text, { isCurrent: () => stampOf(file) === stamp }).catch(() => true)
  }

  return {
    lastProblem: null,
    async newest() {
      await read()
      return newestSeen
    },
    async accept(text) {
      const list = await verifyRevocationList(text.slice(0, MAX_LIST_LENGTH + 1), trustStore, issuer)
      for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
        const { stamp, list: onDisk } = await read()
        if (list.version < (newestSeen?.version ?? 0)) {
          throw new LicenseError('REVOCATION_LIST_OUTDATED', sentenceFor('REVOCATION_LIST_OUTDATED'))
        }
        see(list)
        if (onDisk?.version === list.version || (await write(list, stamp))) break
      }
      return list
    },
  }
}
