import { named } from '../../protocol/schemas/in-process'
import { inputParser } from '../../protocol/schemas/parse-input'
import { nameLicense } from '../service/license-target'

/**
 * The parser of what names one thing: its id, its email or its license key. Text that names nothing passes: to tell is for
 * whoever looks.
 *
 * @param field what the error calls it
 * @throws {LicenseError} MISSING_PARAMS where it is missing, INVALID_REQUEST where it is no text that storage can hold
 */
function nameParser(field: string): (value: string) => string {
  const parse = inputParser(named(field))
  return (value) => parse({ [field]: value })[field] as string
}

export const parseAccountId = nameParser('accountId')
export const parseProductId = nameParser('productId')
export const parseVersionId = nameParser('versionId')
export const parseCustomerId = nameParser('customerId')
export const parseEmail = nameParser('email')
export const parseTokenId = nameParser('tokenId')
export const parseWebhookId = nameParser('webhookId')
export const parseDeliveryId = nameParser('deliveryId')
export const parseLicenseId = nameParser('licenseId')
export const parseSessionId = nameParser('sessionId')
export const parseHostId = nameParser('hostId')
const parseLicenseKey = nameParser('licenseKey')

/**
 * Names a license by a license key.
 * @throws {LicenseError} LICENSE_NOT_FOUND when the text can be none; MISSING_PARAMS, INVALID_REQUEST when it is no text
 */
export function parseTarget(licenseKey: string): { readonly canonicalKey: string } {
  return nameLicense(parseLicenseKey(licenseKey))
}
