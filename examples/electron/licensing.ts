import { net } from 'electron'
import { createLicenseKit, type LicenseKit } from 'keyslot/client'

/** Names the data folder: the same for the app and its uninstaller, so it is never read from Electron. */
export const APP_NAME = 'acme-editor'

/** The license kit of the main process. Everything in it is public and ships with the app. */
export function createKit(): LicenseKit {
  return createLicenseKit({
    serverUrl: 'https://example.com/licensing',
    productId: 'prod_0000000000000000000000',
    accessToken: 'pk_from_your_server',
    trustedKeys: [{ kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' }],
    appName: APP_NAME,
    // Chromium's network stack: it knows the system's proxy and certificates, which Node's fetch does not.
    fetch: (url, init) => net.fetch(url, init),
  })
}
