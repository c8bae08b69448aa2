import type { SecretStore } from '../store/secret-store'
import type { Fetch } from '../wire/fetch'

/** The options of `runUninstall`. Everything else is read from the cache file. */
export interface UninstallOptions {
  /** As given to `createLicenseKit`. */
  readonly appName: string
  /** As given to `createLicenseKit`. */
  readonly dataDir?: string | undefined
  /** Longest duration, in milliseconds. Default 3000 (3 seconds). */
  readonly timeoutMs?: number | undefined
  /** As for `kit.deactivate()`: the other users of this computer lose the license too. Default false. */
  readonly forAll?: boolean | undefined
  /** Sends requests in place of the global `fetch`. */
  readonly fetch?: Fetch | undefined
  /**
   * As given to `createLicenseKit`. A stored license that it does not open now is left as it is. The server's own expiry
   * then frees the slot.
   */
  readonly secretStore?: SecretStore | undefined
}
