import { LicenseError } from '../../protocol'
import type { KitContext } from '../kit-context'
import { assertLicenseKey } from '../words/assert-license-key'
import { errorSentence } from '../words/error-sentences'

/**
 * The key that was given, or else the stored one, which a refused license keeps, too.
 * @throws {TypeError} when the key is no string
 * @throws {LicenseError} NOT_ACTIVATED when none was given and none is stored
 */
export async function keyOrStored(
  { cache }: Pick<KitContext, 'cache'>,
  licenseKey: string | undefined,
): Promise<string> {
  if (licenseKey !== undefined) return assertLicenseKey(licenseKey)
  const { state } = await cache.read()
  if (state.kind === 'activation') return state.activation.licenseKey
  if (state.kind === 'refused' && typeof state.recovery === 'object') return state.recovery.licenseKey
  throw new LicenseError('NOT_ACTIVATED', errorSentence('NOT_ACTIVATED'))
}
