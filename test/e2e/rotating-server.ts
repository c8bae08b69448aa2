import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import express from 'express'
import { createLicenseKit, type LicenseKitOptions, type PublicJwk } from 'keyslot/client'
import type { LicenseFile } from 'keyslot/protocol'
import { createLicensing, type Keyring, type Licensing } from 'keyslot/server'
import { afterAll } from 'vitest'
import { createMemoryStorage, MemoryRows } from '../../src/storage/memory/memory-storage'
import { scratchFolder } from '../cli/scratch-folder'

/** A license server at one address over one store, which can be started anew with another keyring. */
export interface RotatingServer {
  readonly url: string
  readonly productId: string
  readonly publishableToken: string
  readonly licenseKey: string
  /** Of every request, in the order they came. */
  readonly paths: string[]
  /** One process for each keyring; requests go to them in turn, beginning with the first. */
  restart(...keyrings: Keyring[]): Promise<void>
  /** As `keyslot sign` does. */
  sign(hostId: string): Promise<LicenseFile>
  /** Nobody answers until the next `restart`. */
  goDown(): void
}

const running: (() => void)[] = []
afterAll(() => {
  for (const stop of running.splice(0)) stop()
})

export async function startRotatingServer(keyring: Keyring): Promise<RotatingServer> {
  const rows = new MemoryRows()
  let processes: { readonly licensing: Licensing; readonly listener: RequestListener }[] = []
  const paths: string[] = []
  let turn = 0

  const http = createServer((request, response) => {
    paths.push(request.url ?? '')
    const process = processes[turn++ % processes.length]
    if (process === undefined) response.destroy()
    else process.listener(request, response)
  })
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  running.push(() => {
    http.closeAllConnections()
    http.close()
  })

  async function start(by: Keyring) {
    const licensing = await createLicensing({
      storage: createMemoryStorage(rows),
      keyring: by,
      logger: { warn: () => undefined, error: () => undefined },
      rateLimits: false,
      housekeepingSeconds: 0,
    })
    const app = express()
    app.use('/licensing', licensing.router)
    return { licensing, listener: app as RequestListener }
  }

  const first = await start(keyring)
  processes = [first]
  const product = await first.licensing.products.create({ name: 'Editor' })
  const token = await first.licensing.accessTokens.create({
    name: 'app',
    kind: 'publishable',
    scopes: [],
    productIds: [product.id],
  })
  const { key } = await first.licensing.licenses.create({ productId: product.id })
  return {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}/licensing`,
    productId: product.id,
    publishableToken: token.token,
    licenseKey: key,
    paths,
    async restart(...keyrings) {
      const started = []
      for (const one of keyrings) started.push(await start(one))
      processes = started
      turn = 0
    },
    async sign(hostId) {
      const [process] = processes
      if (process === undefined) throw new Error('the server is down')
      return await process.licensing.licenses.sign(key, { productId: product.id, hostId, ttlSeconds: 86_400 })
    },
    goDown() {
      processes = []
    },
  }
}

/** An app on one computer, which pins keys; `start` is another process of it, perhaps of another release. */
export function createApp(server: RotatingServer, pins: readonly PublicJwk[], dataDir = scratchFolder()) {
  const start = (changes: Partial<LicenseKitOptions> = {}) =>
    createLicenseKit({
      serverUrl: server.url,
      productId: server.productId,
      accessToken: server.publishableToken,
      trustedKeys: pins,
      appName: 'keyslot-rotation',
      dataDir,
      hostId: 'host-a',
      maxTries: 3,
      tryTimeoutMs: 2_000,
      ...changes,
    })
  return { dataDir, start }
}
