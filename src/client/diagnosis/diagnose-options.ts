import type { PublicJwk } from '../../protocol'
import type { Fetch } from '../wire/fetch'

/** The options of `diagnose`. An option that `createLicenseKit` has, too, means the same here. */
export interface DiagnoseOptions {
  readonly appName: string
  readonly dataDir?: string | undefined
  readonly hostId?: string | undefined
  /** Default: the server of the stored license. */
  readonly serverUrl?: string | undefined
  /** Default: the product of the stored license. */
  readonly productId?: string | undefined
  /** The keys that verify the stored license. Default: the keys that the server publishes now, and the finding says so. */
  readonly trustedKeys?: readonly PublicJwk[] | undefined
  readonly issuer?: string | undefined
  readonly fetch?: Fetch | undefined
  readonly proxy?: string | false | undefined
  readonly now?: (() => Date) | undefined
  /** Longest wait for each of two answers of the server, in milliseconds. Default 5000. */
  readonly timeoutMs?: number | undefined
}
