import { LicenseError } from '../../protocol/license-error'
import type { Storage, StorageCapabilities } from '../../storage/contract'

/**
 * Stops what the storage adapter cannot keep.
 * @throws {LicenseError} CAPABILITY_MISSING, naming it
 */
export function requireCapability(storage: Storage, capability: keyof StorageCapabilities): void {
  if (storage.capabilities[capability]) return
  throw new LicenseError('CAPABILITY_MISSING', `The ${storage.name} storage adapter does not offer ${capability}`)
}
