import { readFileSync } from 'node:fs'
import { net } from 'electron'
import { createLicenseKit, type LicenseKit } from 'keyslot/client'

export const APP_NAME = 'acme-editor'

/** Takes the place of the example's own `licensing.ts`, in which the vendor writes its settings. */
export function createKit(): LicenseKit {
  const config = JSON.parse(readFileSync(String(process.env.ACME_EDITOR_CONFIG), 'utf8'))
  return createLicenseKit({
    ...config,
    appName: APP_NAME,
    fetch: (url, init) => net.fetch(url, init),
  })
}
