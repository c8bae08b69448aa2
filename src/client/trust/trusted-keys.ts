import path from 'node:path'
import type { LicenseErrorCode } from '../../protocol'
import { createNewestFile, type NewestFile } from '../files/newest-file'
import type { KeySet } from './key-set'
import type { TrustStore } from './trust-store'

/** Where the keys come from that signatures are verified with. */
export interface KeySource {
  /** The keys trusted now; another object where they have changed. */
  current(): Promise<TrustStore>
  /** As `current()` found them last. */
  readonly known: TrustStore
}

/**
 * The pinned keys, and those they have vouched for, less those revoked. What is kept of that are the statements, as they
 * were signed, in a file of its own that outlives the activation. Nothing else adds a key.
 */
export interface TrustedKeys extends KeySource {
  /** What the statements taken so far come to; undefined when there are none. */
  newest(): Promise<KeySet | undefined>
  /** For `takeKeyStatements` alone. */
  readonly take: NewestFile<KeySet>['take']
  /** Why nothing came of the key set fetched last; null when all is well, or none was fetched. */
  lastProblem: LicenseErrorCode | null
  /** When the server's key set was asked for last, in milliseconds of the monotonic clock. */
  lastLook: number | undefined
}

export const KEY_SET_FILE = 'trusted-keys.jws'

/** @param dataDir undefined: memory only */
export function createTrustedKeys(dataDir: string | undefined, pinned: TrustStore, issuer: string): TrustedKeys {
  const file = dataDir === undefined ? undefined : path.join(dataDir, KEY_SET_FILE)
  const sets = createNewestFile<KeySet>(
    file,
    // Most servers never had another key: what reads statements is loaded where there are some.
    async (text) => await (await import('./key-set')).readKeySet(text, pinned, issuer),
    () => pinned,
  )
  let known = pinned
  return {
    lastProblem: null,
    lastLook: undefined,
    newest: sets.newest,
    take: sets.take,
    get known() {
      return known
    },
    async current() {
      known = (await sets.newest())?.trustStore ?? pinned
      return known
    },
  }
}
