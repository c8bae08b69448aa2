import { createServer, type RequestListener } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo, Server } from 'node:net'
import express from 'express'
import type { LicenseKitOptions } from 'keyslot/client'
import { createKeyring, createLicensing } from 'keyslot/server'
import { memoryStorage } from 'keyslot/storage'
import { type Certificate, createCertificate } from '../client/certificate'

/** A license server of somebody who sells an app, and license keys for it. */
export interface Vendor {
  readonly options: Omit<LicenseKitOptions, 'appName' | 'dataDir'>
  /** The same server behind TLS, with a certificate that nothing trusts by itself. */
  readonly tls: { readonly port: number; readonly certificate: Certificate }
  /** Where nobody listens. */
  readonly closedUrl: string
  createKey(): Promise<string>
  createFloatingKey(): Promise<string>
  /** Slots of the license that are taken. */
  taken(licenseKey: string): Promise<number>
  /** @returns the text of a license file */
  sign(licenseKey: string, hostId: string): Promise<string>
  /** False: connections are closed without an answer. */
  reachable: boolean
  close(): Promise<void>
}

/** Its name in the certificate, which no name server knows: only a proxy finds it. */
export const VENDOR_NAME = 'licenses.test'

export async function startVendor(): Promise<Vendor> {
  const logger = { warn: () => undefined, error: console.error }
  const licensing = await createLicensing({ storage: memoryStorage(), keyring: createKeyring(new Date()), logger })
  const { licenses } = licensing
  const { id: productId } = await licensing.products.create({ name: 'Acme Editor' })
  const access = { name: 'app', kind: 'publishable', scopes: [], productIds: [productId] } as const
  const { token } = await licensing.accessTokens.create(access)
  const app = express().use(licensing.router)
  const serve: RequestListener = (request, response) => {
    if (vendor.reachable) app(request, response)
    else request.socket.destroy()
  }
  const certificate = createCertificate('localhost', VENDOR_NAME)
  const servers = [createServer(serve), createTlsServer(certificate, serve)] as const
  const [port, tlsPort] = [await listen(servers[0]), await listen(servers[1])]
  const serverUrl = `http://127.0.0.1:${port}`
  const gone = createServer()
  const closedUrl = `http://127.0.0.1:${await listen(gone)}`
  gone.close()
  const vendor: Vendor = {
    options: { serverUrl, productId, accessToken: token, trustedKeys: licensing.jwks.keys },
    tls: { port: tlsPort, certificate },
    closedUrl,
    createKey: async () => (await licenses.create({ productId, maxActivations: 1 })).key,
    createFloatingKey: async () => (await licenses.create({ productId, floating: { maxConcurrentSessions: 1 } })).key,
    taken: async (licenseKey) => (await licenses.get(licenseKey)).license.activationCount,
    sign: async (licenseKey, hostId) =>
      JSON.stringify(await licenses.sign(licenseKey, { productId, hostId, ttlSeconds: 86_400 })),
    reachable: true,
    async close() {
      for (const server of servers) {
        server.closeAllConnections()
        await new Promise((resolve) => server.close(resolve))
      }
      await licensing.close()
    },
  }
  return vendor
}

/** @returns the port */
async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}
