import { LicenseError } from '../../protocol'
import { errorSentence } from './error-sentences'

/**
 * Checks a license key as a person typed it.
 * @returns the key without white space around it
 * @throws {TypeError} when the key is no string
 * @throws {LicenseError} INVALID_REQUEST when the key is empty or longer than 256 characters
 */
export function assertLicenseKey(licenseKey: unknown): string {
  if (typeof licenseKey !== 'string') throw new TypeError('the license key must be a string')
  const key = licenseKey.trim()
  if (key === '' || key.length > 256) {
    throw new LicenseError('INVALID_REQUEST', errorSentence('INVALID_REQUEST'), { detail: { field: 'licenseKey' } })
  }
  return key
}
