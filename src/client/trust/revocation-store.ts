import type { LicenseErrorCode, LicenseTokenClaims } from '../../protocol'
import { createNewestFile, fileIn } from '../files/newest-file'
import type { RevocationLists } from './revocation-list'
import type { KeySource } from './trusted-keys'

/**
 * The revocation lists that were seen, as far as they say something of their own. They have a file of their own, which
 * outlives the activation: a cache file that somebody restores after `deactivate()` is judged by it. The file holds the
 * lists as they were signed, so that editing the file only destroys it.
 */
export interface RevocationStore {
  /** The lists known; undefined when there are none. */
  known(): Promise<RevocationLists | undefined>
  /**
   * Whether the lists revoke a token. The disk is asked only when the token was found in another cache state than last
   * time: a process that takes a list changes the cache, too.
   * @param foundIn the cache state in which the token was found
   */
  revokes(claims: LicenseTokenClaims, foundIn: object): Promise<boolean>
  /** Only `takeRevocationList` calls it. */
  take(lists: RevocationLists): Promise<void>
  /** Why the list that was fetched last was not taken; null when it was taken, or no list was fetched. */
  lastProblem: LicenseErrorCode | null
}

/** @param dataDir undefined: memory only */
export function createRevocationStore(dataDir: string | undefined, keys: KeySource, issuer: string): RevocationStore {
  const file = createNewestFile<RevocationLists>(
    fileIn(dataDir, 'revocations.jws'),
    // A host that was never online has no list: the code that reads lists is loaded when there are any.
    async (text) => (await import('./revocation-list')).readRevocationLists(text, await keys.current(), issuer),
    keys.current,
  )
  let asked: { foundIn: object; by: object; revoked?: boolean | undefined } | undefined

  return {
    lastProblem: null,
    known: file.newest,
    take: (lists) => file.take(() => lists),
    async revokes(claims, foundIn) {
      const by = keys.known
      if (asked?.foundIn !== foundIn || asked.by !== by) {
        asked = { foundIn, by, revoked: (await file.newest())?.revoke(claims) }
      }
      return asked.revoked === true
    },
  }
}
