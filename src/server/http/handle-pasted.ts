import { isLicenseError } from '../../protocol/license-error'
import { type ServiceContext, withScope } from '../service/context'
import { findPastedKey } from '../service/find-pasted-key'
import type { Answer } from './answer'
import type { Endpoint, EndpointRequest } from './endpoint'

/**
 * Does what a request asks for; where its license key is none and the route takes pasted ones, with the key that its text
 * means.
 *
 * @param admit throws where that key is asked for too often
 */
export async function handlePasted(
  { route, handle }: Endpoint,
  request: EndpointRequest<unknown>,
  context: ServiceContext,
  admit: (licenseKey: string) => Promise<void>,
): Promise<Answer> {
  try {
    return await handle(request, context)
  } catch (error) {
    const isMeant = route.takesPastedKeys === true && isLicenseError(error, 'LICENSE_NOT_FOUND')
    const input = request.input as { readonly licenseKey?: string }
    const licenseKey = isMeant ? await findPastedKey(context, request.call, String(input.licenseKey)) : undefined
    if (licenseKey === undefined) throw error
    await admit(licenseKey)
    const call = withScope(request.call, 'pasted')
    return await handle({ ...request, input: { ...input, licenseKey }, call }, context)
  }
}
