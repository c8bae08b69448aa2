import path from 'node:path'
import type { LicenseErrorCode } from '../../protocol'
import { createNewestFile, type NewestFile } from '../files/newest-file'
import { type RevocationList, verifyRevocationList } from './revocation-list'
import type { KeySource } from './trusted-keys'

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
  /** For `takeRevocationList` alone. */
  readonly take: NewestFile<RevocationList>['take']
  /** Why the list fetched last was not taken; null when it was, or none was. */
  lastProblem: LicenseErrorCode | null
}

export const REVOCATIONS_FILE = 'revocations.jws'

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
