import type { LicenseErrorCode } from '../../protocol'
import { createNewestFile, fileIn } from '../files/newest-file'
import type { KeySet } from './key-set'
import type { TrustStore } from './trust-store'

/** Gives the keys that signatures are verified with. */
export interface KeySource {
  /** The keys trusted now. A changed set of keys is another object. */
  current(): Promise<TrustStore>
  /** What `current()` returned last. */
  readonly known: TrustStore
}

/**
 * The pinned keys and the keys they have vouched for, less the keys revoked. A file of its own, which outlives the
 * activation, holds the statements that say so, as they were signed. Nothing else adds a key.
 */
export interface TrustedKeys extends KeySource {
  /** The result of the statements taken so far; undefined when there are none. */
  newest(): Promise<KeySet | undefined>
  /**
   * Takes what a server or a license file says about the keys; see `followKeySet`. When the statements cannot be written,
   * they are kept in memory.
   * @throws {LicenseError} KEY_SET_UNTRUSTED, KEY_SET_MALFORMED, KEY_SET_OUTDATED
   */
  take(statements: readonly unknown[]): Promise<void>
  /** Why the key set that was fetched last changed nothing; null when all is well, or no key set was fetched. */
  lastProblem: LicenseErrorCode | null
  /** When the server's key set was asked for last, in milliseconds of the monotonic clock. */
  lastLook: number | undefined
}

/** @param dataDir undefined: memory only */
export function createTrustedKeys(dataDir: string | undefined, pinned: TrustStore, issuer: string): TrustedKeys {
  const sets = createNewestFile<KeySet>(
    fileIn(dataDir, 'trusted-keys.jws'),
    // Most servers have only ever had one key: the code that reads statements is loaded when there are any.
    async (text) => await (await import('./key-set')).readKeySet(text, pinned, issuer),
    () => pinned,
  )
  let known = pinned
  return {
    lastProblem: null,
    lastLook: undefined,
    newest: sets.newest,
    async take(statements) {
      const { followKeySet } = await import('./key-set')
      await sets.take((newest) => followKeySet(statements, newest, pinned, issuer))
    },
    get known() {
      return known
    },
    async current() {
      known = (await sets.newest())?.trustStore ?? pinned
      return known
    },
  }
}
