import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import express from 'express'
import type { LicenseKitOptions } from 'keyslot/client'
import { createKeyring, createLicensing } from 'keyslot/server'
import { memoryStorage } from 'keyslot/storage'

/** A license server of somebody who sells an app, and a license key for it. */
export interface Vendor {
  readonly options: Omit<LicenseKitOptions, 'appName' | 'dataDir'>
  createKey(): Promise<string>
  close(): Promise<void>
}

export async function startVendor(): Promise<Vendor> {
  const logger = { warn: () => undefined, error: console.error }
  const licensing = await createLicensing({ storage: memoryStorage(), keyring: createKeyring(new Date()), logger })
  const { id: productId } = await licensing.products.create({ name: 'Acme Editor' })
  const access = { name: 'app', kind: 'publishable', scopes: [], productIds: [productId] } as const
  const { token } = await licensing.accessTokens.create(access)
  const http = createServer(express().use(licensing.router))
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  const serverUrl = `http://127.0.0.1:${(http.address() as AddressInfo).port}`
  return {
    options: { serverUrl, productId, accessToken: token, trustedKeys: licensing.jwks.keys },
    createKey: async () => (await licensing.licenses.create({ productId, maxActivations: 1 })).key,
    async close() {
      http.closeAllConnections()
      await new Promise((resolve) => http.close(resolve))
      await licensing.close()
    },
  }
}
