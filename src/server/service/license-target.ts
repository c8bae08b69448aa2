import { isCanonicalKey } from '../../domain/license-key'
import { canonicalKey } from '../../protocol/license-key-text'
import { licenseMissing } from './refusals'

/**
 * Names a license by what somebody typed. What can be no key is not looked up: not every database takes every text.
 * @throws {LicenseError} LICENSE_NOT_FOUND when it can be none
 */
export function nameLicense(licenseKey: string): { readonly canonicalKey: string } {
  const canonical = canonicalKey(licenseKey)
  if (!isCanonicalKey(canonical)) throw licenseMissing()
  return { canonicalKey: canonical }
}
