import { strict as assert } from 'node:assert'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { openProxy } from '../client/proxy-on-loopback'
import type { Scene } from './life'
import { VENDOR_NAME } from './vendor'

/** What a network puts between an app and its server. */
export const NETWORK: Readonly<Record<string, (scene: Scene) => Promise<void>>> = {
  'goes through a proxy, and names who opens TLS on the way': async ({ app, vendor, scratch }) => {
    const licenseKey = await vendor.createKey()
    const proxy = await openProxy()
    try {
      const dataDir = app.stage.pathOf(join(scratch, 'data'))
      const plain = { serverUrl: `http://${VENDOR_NAME}:${new URL(vendor.options.serverUrl).port}` }
      const options = { ...plain, dataDir, proxy: proxy.url, dangerouslyAllowPlainHttp: true }
      await app.expect(['activate', 'reach', 'deactivate'], 'valid, ok, freed', { licenseKey, options })
      const env = { HTTP_PROXY: proxy.url, NO_PROXY: '' }
      const named = { ...options, proxy: undefined }
      await app.expect(['activate', 'deactivate'], 'valid, freed', { licenseKey, options: named, env })
      const tunnelled = { dataDir, proxy: proxy.url, serverUrl: `https://${VENDOR_NAME}:${vendor.tls.port}` }
      await app.expect(['activate'], 'CONNECTION_INTERCEPTED', { licenseKey, options: tunnelled })
      assert.equal(proxy.plainRequests, 0, 'no license key was shown to the proxy')
    } finally {
      proxy.close()
    }
  },

  'names who opens TLS, and trusts what it is told to trust': async ({ app, vendor, scratch }) => {
    const licenseKey = await vendor.createKey()
    const options = {
      dataDir: app.stage.pathOf(join(scratch, 'data')),
      serverUrl: `https://localhost:${vendor.tls.port}`,
    }
    await app.expect(['activate', 'reach'], 'CONNECTION_INTERCEPTED, unreachable DEPTH_ZERO_SELF_SIGNED_CERT', {
      licenseKey,
      options,
    })
    const file = join(scratch, 'authority.pem')
    await writeFile(file, vendor.tls.certificate.cert)
    const env = { NODE_EXTRA_CA_CERTS: app.stage.pathOf(file) }
    await app.expect(['activate', 'deactivate'], 'valid, freed', { licenseKey, options, env })
  },
}
