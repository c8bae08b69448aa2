import { readFileSync } from 'node:fs'
import { createLicenseKit, type LicenseKit, type PublicJwk } from 'keyslot/client'

/** What the vendor's server printed for this app; all of it is public and ships with the program. */
interface ShippedConfig {
  readonly serverUrl: string
  readonly productId: string
  readonly accessToken: string
  readonly trustedKeys: readonly PublicJwk[]
}

/** Also names the data folder, and separates this app's hostIds from those of other vendors. */
export const APP_NAME = 'acme-editor'

/** Where the license is kept; by default in the platform's data folder. */
export const DATA_DIR = process.env.ACME_EDITOR_DATA_DIR

/** The license kit of this program: one per process. */
export function createKit(): LicenseKit {
  const file = process.env.ACME_EDITOR_CONFIG ?? new URL('config.json', import.meta.url)
  const config = JSON.parse(readFileSync(file, 'utf8')) as ShippedConfig
  return createLicenseKit({ ...config, appName: APP_NAME, dataDir: DATA_DIR })
}
