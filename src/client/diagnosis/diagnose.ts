import type { DiagnoseOptions } from './diagnose-options'
import type { Diagnosis } from './diagnosis'

/**
 * Finds out the state of an app's license on this computer, for a person who helps: the id of this host and the reason for
 * it, the folder of the license, the license itself, and whether and through which proxy the server can be reached.
 * `keyslot doctor` prints the result.
 *
 * Changes nothing and takes no activation slot. The server is asked for its health and its public keys only, and no token or
 * key is sent.
 *
 * @throws {TypeError} for an unknown or malformed option
 * @example
 * ```ts
 * const { problems } = await diagnose({ appName: 'acme-editor', serverUrl, trustedKeys })
 * ```
 */
export async function diagnose(options: DiagnoseOptions): Promise<Diagnosis> {
  // Loaded here, since no start of an app needs it.
  const { examine } = await import('./examine')
  return await examine(options)
}
