import { expect } from 'vitest'
import { isLicenseError, type LicenseErrorCode } from '../../src/client'

/** The code of the `LicenseError` that this must fail with. */
export async function codeOf(work: Promise<unknown>): Promise<LicenseErrorCode> {
  const error = await work.then(
    () => expect.fail('should have thrown'),
    (thrown: unknown) => thrown,
  )
  return isLicenseError(error) ? error.code : expect.fail(String(error))
}
