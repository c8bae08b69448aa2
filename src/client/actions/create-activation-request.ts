import { writeFile } from 'node:fs/promises'
import {
  ACTIVATION_REQUEST_TYPE,
  ACTIVATION_REQUEST_VERSION,
  type ActivationRequest,
  LicenseError,
  serializeActivationRequest,
} from '../../protocol'
import type { KitContext } from '../kit-context'
import { assertLicenseKey } from '../words/assert-license-key'
import { errorSentence } from '../words/error-sentences'

/** Makes the request for a license file; see `LicenseKit.createActivationRequest`. */
export async function createActivationRequest(
  { config, hostId }: KitContext,
  licenseKey?: string,
  path?: string,
): Promise<ActivationRequest> {
  const request: ActivationRequest = {
    type: ACTIVATION_REQUEST_TYPE,
    version: ACTIVATION_REQUEST_VERSION,
    productId: config.productId,
    hostId: (await hostId()).hostId,
    appName: config.appName,
    createdAt: config.now().toISOString(),
    ...(licenseKey === undefined ? {} : { licenseKey: assertLicenseKey(licenseKey) }),
  }
  if (path !== undefined) await write(path, request)
  return request
}

/** Replaces a file that is there: the person has chosen the path in a save dialog. */
async function write(path: string, request: ActivationRequest): Promise<void> {
  await writeFile(path, serializeActivationRequest(request)).catch((cause: unknown) => {
    throw new LicenseError('FILE_UNWRITABLE', errorSentence('FILE_UNWRITABLE'), { cause })
  })
}
