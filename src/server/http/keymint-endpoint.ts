import { MIN_KEY_LENGTH } from '../../domain/license-key'
import { isLicenseError, LicenseError } from '../../protocol/license-error'
import type { RouteName } from '../../protocol/routes'
import type { AnswerOf } from '../../protocol/schemas/api/index'
import type { InputOf } from '../../protocol/schemas/requests'
import { type Endpoint, type EndpointSpec, endpoint } from './endpoint'

/** A key in the path is AuthTool's way. */
interface MayNameKey {
  readonly licenseKey?: string
}

/**
 * An endpoint of family A, B or D. A key shorter than the documented minimum is malformed unless there is one (imported
 * keys may be short), so only a look-up can tell.
 */
export function keymintEndpoint<Name extends RouteName>(
  name: Name,
  spec: EndpointSpec<InputOf<Name>, Extract<AnswerOf<Name>, object>>,
): Endpoint {
  return endpoint(name, {
    ...spec,
    explain: (error, input: InputOf<Name> & MayNameKey) =>
      isTooShort(input) && isLicenseError(error, 'LICENSE_NOT_FOUND') ? keyTooShort() : error,
  })
}

/** Names the license for a use case. */
export function toTarget(input: { readonly productId: string; readonly licenseKey: string }) {
  return { productId: input.productId, canonicalKey: input.licenseKey }
}

function isTooShort({ licenseKey }: MayNameKey): boolean {
  return (licenseKey?.length ?? MIN_KEY_LENGTH) < MIN_KEY_LENGTH
}

function keyTooShort(): LicenseError {
  return new LicenseError('INVALID_REQUEST', `licenseKey: must have at least ${MIN_KEY_LENGTH} characters`, {
    detail: { field: 'licenseKey' },
  })
}
