import { LicenseError } from '../../protocol'
import { errorSentence } from './error-messages'

/**
 * The key without outer white space.
 * @throws {TypeError} when it is no string
 * @throws {LicenseError} INVALID_REQUEST when it is empty or longer than 256 characters
 */
export function assertLicenseKey(licenseKey: unknown): string {
  if (typeof licenseKey !== 'string') throw new TypeError('the license key must be a string')
  const key = licenseKey.trim()
  if (key === '' || key.length > 256) {
    throw new LicenseError('INVALID_REQUEST', errorSentence('INVALID_REQUEST'), { detail: { field: 'licenseKey' } })
  }
  return key
}
