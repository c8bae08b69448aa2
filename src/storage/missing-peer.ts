import { codeOf } from '../files/error-code'
import { LicenseError } from '../protocol/license-error'

/**
 * What a peer that cannot be loaded means: it is not installed, or else it is there and fails itself.
 * @param name of the package
 * @param said what needs it, and how to install it
 */
export function peerFailure(error: unknown, name: string, said: string): unknown {
  const isMissing = ['MODULE_NOT_FOUND', 'ERR_MODULE_NOT_FOUND'].includes(codeOf(error) ?? '')
  // Not one that the peer itself misses.
  const isIt = String((error as Error).message).includes(`'${name}'`)
  return isMissing && isIt ? new LicenseError('PEER_MISSING', said, { cause: error }) : error
}
