import { safeStorage } from 'electron'
import type { SecretStore } from 'keyslot/client'

/**
 * For `secretStore` of `createLicenseKit` and `runUninstall`: the license key then lies in no readable file. Electron's
 * `safeStorage` works from `app.whenReady()` on, and not at all with `ELECTRON_RUN_AS_NODE`: the hook of a Debian package
 * then cannot free the slot.
 */
export const safeStorageStore: SecretStore = {
  encrypt: (text) => safeStorage.encryptString(text),
  decrypt: (sealed) => safeStorage.decryptString(sealed),
}
