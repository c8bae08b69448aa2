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
   * Whether the newest list known names a token. The disk is asked only where `foundIn`, the cache state it was found
   * in, is another than last time: whoever takes a list that names the stored license says so in the cache, too.
   */
  revokes(tokenId: string, foundIn: object): Promise<boolean>
  /**
   * Takes a list, unless a newer one is known. What cannot be written is kept in memory.
   * @throws {LicenseError} REVOCATION_LIST_MALFORMED, REVOCATION_LIST_UNTRUSTED, REVOCATION_LIST_OUTDATED
   */
  accept(text: string): Promise<RevocationList>
  /** Why the list fetched last was not taken; null when it was, or none was. */
  lastProblem: LicenseErrorCode | null
}

export const REVOCATIONS_FILE = 'revocations.jws'

/** Whoever is faster has a list as new, or makes way at the next attempt. */
const MAX_ATTEMPTS = 20

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
  let askedFor: object | undefined

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

  /** Not over what another process has written since. False when the disk refuses: memory has to serve. */
  async function write(list: RevocationList, stamp: string): Promise<boolean> {
    if (file === undefined) return false
    const isCurrent = () => stampOf(file) === stamp
    return await writeAtomically(file, list.text, { isCurrent }).then(
      () => true,
      () => false,
    )
  }

  return {
    lastProblem: null,
    async newest() {
      await read()
      return newestSeen
    },
    async revokes(tokenId, foundIn) {
      if (askedFor !== foundIn) await read()
      askedFor = foundIn
      return newestSeen?.tokenIds.has(tokenId) ?? false
    },
    async accept(text) {
      const list = await verifyRevocationList(text.slice(0, MAX_LIST_LENGTH + 1), trustStore, issuer)
      for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
        const { stamp, list: onDisk } = await read()
        if (list.version < (newestSeen?.version ?? 0)) {
          throw new LicenseError('REVOCATION_LIST_OUTDATED', sentenceFor('REVOCATION_LIST_OUTDATED'))
        }
        see(list)
        // Asked again after writing: a slower process with an older list may have been last.
        if (onDisk !== undefined && onDisk.version >= list.version) break
        if (!(await write(list, stamp))) break
      }
      return list
    },
  }
}
