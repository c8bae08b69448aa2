import path from 'node:path'
import type { LicenseErrorCode } from '../../protocol'
import { createNewestFile, type NewestFile } from '../files/newest-file'
import { type RevocationList, verifyRevocationList } from './revocation-list'
import type { KeySource } from './trusted-keys'

/**
 * The newest revocation list that was seen. It has a file of its own, which outlives the activation: a cache file that
 * somebody restores after `deactivate()` is judged by it. The file holds the list as it was signed, so that editing the
 * file only destroys it.
 */
export interface RevocationStore {
  /** The newest list known; undefined when there is none. */
  newest(): Promise<RevocationList | undefined>
  /**
   * Whether the newest list known names a token. The disk is asked only when the token was found in another cache state than
   * last time: a process that takes a list with the stored license on it changes the cache, too.
   * @param foundIn the cache state in which the token was found
   */
  revokes(tokenId: string, foundIn: object): Promise<boolean>
  /** Only `takeRevocationList` calls it. */
  readonly take: NewestFile<RevocationList>['take']
  /** Why the list that was fetched last was not taken; null when it was taken, or no list was fetched. */
  lastProblem: LicenseErrorCode | null
}

const REVOCATIONS_FILE = 'revocations.jws'

/** @param dataDir undefined: memory only */
export function createRevocationStore(dataDir: string | undefined, keys: KeySource, issuer: string): RevocationStore {
  const file = dataDir === undefined ? undefined : path.join(dataDir, REVOCATIONS_FILE)
  const lists = createNewestFile(
    file,
    async (text) => await verifyRevocationList(text, await keys.current(), issuer),
    keys.current,
  )
  let askedFor: { readonly foundIn: object; readonly by: object } | undefined

  return {
    lastProblem: null,
    newest: lists.newest,
    take: lists.take,
    async revokes(tokenId, foundIn) {
      const by = keys.known
      if (askedFor?.foundIn !== foundIn || askedFor.by !== by) await lists.newest()
      askedFor = { foundIn, by }
      return lists.seen?.tokenIds.has(tokenId) ?? false
    },
  }
}
