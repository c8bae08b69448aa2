import type * as z from 'zod'
import { MIN_KEY_LENGTH } from '../../domain/license-key'
import { isLicenseError, LicenseError } from '../../protocol/license-error'
import type { RouteName } from '../../protocol/routes'
import { type Endpoint, type EndpointSpec, endpoint } from './order-of-checks'

/** What every KeyMint request that acts on a license names. */
interface NamesLicense {
  readonly productId: string
  readonly licenseKey?: string
}

/**
 * An endpoint of family A or B. The token's product list is held against the product it names, and a key shorter than
 * the documented minimum is malformed unless there is one (imported keys may be short), so only a look-up can tell.
 */
export function keymintEndpoint<Schema extends z.ZodObject & z.ZodType<NamesLicense>>(
  name: RouteName,
  schema: Schema,
  spec: EndpointSpec<z.output<Schema>>,
): Endpoint<z.output<Schema>> {
  return endpoint(name, schema, {
    ...spec,
    productIds: (input) => [input.productId],
    licenseKey: (input) => input.licenseKey,
    explain: (error, input) =>
      isTooShort(input) && isLicenseError(error, 'LICENSE_NOT_FOUND') ? keyTooShort() : error,
  })
}

/** Names the license for a use case. */
export function toTarget(input: { readonly productId: string; readonly licenseKey: string }) {
  return { productId: input.productId, canonicalKey: input.licenseKey }
}

function isTooShort(input: NamesLicense): boolean {
  return (input.licenseKey?.length ?? MIN_KEY_LENGTH) < MIN_KEY_LENGTH
}

function keyTooShort(): LicenseError {
  return new LicenseError('INVALID_REQUEST', `licenseKey: must have at least ${MIN_KEY_LENGTH} characters`, {
    detail: { field: 'licenseKey' },
  })
}
