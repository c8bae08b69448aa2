import type { PublicJwk } from '../../protocol'
import type { Fetch } from '../wire/fetch'
import type { Diagnosis } from './diagnosis'

/** What {@link diagnose} takes. Options of the same name mean what they mean to `createLicenseKit`. */
export interface DiagnoseOptions {
  readonly appName: string
  readonly dataDir?: string | undefined
  readonly hostId?: string | undefined
  /** Default: the server of the stored license. */
  readonly serverUrl?: string | undefined
  /** Default: the product of the stored license. */
  readonly productId?: string | undefined
  /** To verify the stored license with. Default: the keys the server publishes now, and the finding says so. */
  readonly trustedKeys?: readonly PublicJwk[] | undefined
  readonly issuer?: string | undefined
  readonly fetch?: Fetch | undefined
  readonly proxy?: string | false | undefined
  readonly now?: (() => Date) | undefined
  /** Longest wait for each of two answers of the server, in milliseconds. Default 5000. */
  readonly timeoutMs?: number | undefined
}

/**
 * Finds out how an app's license stands on this computer, for a person who helps: who this host is and why, where the
 * license is kept, what it says, whether and on which way the server can be reached. `keyslot doctor` prints it.
 *
 * Leaves everything as it was and takes no activation slot. The server is asked for its health and its public keys, without any
 * token or key.
 *
 * @throws {TypeError} for an unknown or malformed option
 * @example
 * ```ts
 * const { problems } = await diagnose({ appName: 'acme-editor', serverUrl, trustedKeys })
 * ```
 */
export async function diagnose(options: DiagnoseOptions): Promise<Diagnosis> {
  // Loaded only here: no start of an app needs it.
  const { examine } = await import('./examine')
  return await examine(options)
}
