import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import express from 'express'
import { createKeyring, createLicensing } from 'keyslot/server'
import { memoryStorage } from 'keyslot/storage'

/** How the server behaves to whoever asks. */
export type Weather = 'fine' | 'offline' | 'hangs' | 'fails'

/** A license server on loopback, with one license, that can be made unreachable. */
export interface LicenseServer {
  readonly licenseKey: string
  /** What the app has built in. */
  readonly appOptions: object
  /** Activation slots taken. */
  taken(): Promise<number>
  turn(weather: Weather): Promise<void>
  close(): Promise<void>
}

export async function startLicenseServer(): Promise<LicenseServer> {
  const logger = { warn: () => undefined, error: console.error }
  const licensing = await createLicensing({ storage: memoryStorage(), keyring: createKeyring(new Date()), logger })
  const { id: productId } = await licensing.products.create({ name: 'Example App' })
  const access = { name: 'app', kind: 'publishable', scopes: [], productIds: [productId] } as const
  const { token } = await licensing.accessTokens.create(access)
  const { key } = await licensing.licenses.create({ productId, maxActivations: 9, customer: { name: 'Ada' } })

  let weather: Weather = 'fine'
  const app: RequestListener = express().use(licensing.router)
  const server = createServer((request, response) => {
    if (weather === 'fine') app(request, response)
    else if (weather === 'fails') response.writeHead(500).end()
  })
  const listen = async (port: number) => {
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
  }
  const stop = async () => {
    if (!server.listening) return
    const closed = once(server, 'close')
    server.close()
    server.closeAllConnections()
    await closed
  }
  await listen(0)
  const { port } = server.address() as AddressInfo
  return {
    licenseKey: key,
    appOptions: {
      serverUrl: `http://127.0.0.1:${port}`,
      productId,
      accessToken: token,
      trustedKeys: licensing.jwks.keys,
    },
    taken: async () => (await licensing.licenses.get(key)).license.activationCount,
    async turn(next) {
      weather = next
      if (next === 'offline') await stop()
      else if (!server.listening) await listen(port)
    },
    async close() {
      await stop()
      await licensing.close()
    },
  }
}
