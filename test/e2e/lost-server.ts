import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import express from 'express'
import { createLicenseKit, type LicenseKitOptions } from 'keyslot/client'
import { createLicensing, type Keyring, type Licensing, loadKeyring } from 'keyslot/server'
import { afterAll } from 'vitest'
import { createMemoryStorage, MemoryRows } from '../../src/storage/memory/memory-storage'
import { scratchFolder } from '../cli/scratch-folder'

export const DAY_MS = 86_400_000

/** One address, at which somebody answers until it is closed. */
export interface Place {
  readonly url: string
  /** Of every request, in the order they came. */
  readonly paths: string[]
  close(): void
}

const open = new Set<() => void>()
afterAll(() => {
  for (const close of open) close()
})

export async function openPlace(listener: RequestListener): Promise<Place> {
  const paths: string[] = []
  const http = createServer((request, response) => {
    paths.push(request.url ?? '')
    listener(request, response)
  })
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  const close = () => {
    http.closeAllConnections()
    http.close()
  }
  open.add(close)
  return { url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`, paths, close }
}

/** A vendor: one store, one keyring in a file, and a product whose tokens live for 3 days with 2 days of grace. */
export async function startVendor(startedAt: Date) {
  const rows = new MemoryRows()
  const keyringFile = join(scratchFolder(), 'keys.json')
  const keyring = await loadKeyring(keyringFile)
  const clock = { now: startedAt }

  async function startServer(by: Keyring = keyring): Promise<Place & { readonly licensing: Licensing }> {
    const licensing = await createLicensing({
      storage: createMemoryStorage(rows),
      keyring: by,
      logger: { warn: () => undefined, error: () => undefined },
      rateLimits: false,
      housekeepingSeconds: 0,
      now: () => clock.now,
    })
    const place = await openPlace(express().use('/licensing', licensing.router))
    return { ...place, url: `${place.url}/licensing`, licensing }
  }

  const server = await startServer()
  const { products, accessTokens } = server.licensing
  const terms = { offlineLifetimeSeconds: 3 * 86_400, graceSeconds: 2 * 86_400, trialSeconds: 5 * 86_400 }
  const product = await products.create({ name: 'Editor', ...terms })
  const token = await accessTokens.create({
    name: 'app',
    kind: 'publishable',
    scopes: [],
    productIds: [product.id],
  })

  /** An app on a computer of its own, whose clock is the vendor's; `start` is another process of it. */
  function createApp(name: string, changes: Partial<LicenseKitOptions> = {}) {
    const dataDir = scratchFolder()
    const start = (more: Partial<LicenseKitOptions> = {}) =>
      createLicenseKit({
        serverUrl: server.url,
        productId: product.id,
        accessToken: token.token,
        trustedKeys: [keyring.current.publicJwk],
        appName: 'keyslot-lost',
        dataDir,
        hostId: name,
        maxTries: 1,
        tryTimeoutMs: 2_000,
        now: () => clock.now,
        ...changes,
        ...more,
      })
    return { name, dataDir, start }
  }

  async function createLicense(terms: { readonly expiresAt?: Date } = {}): Promise<string> {
    return (await server.licensing.licenses.create({ productId: product.id, ...terms })).key
  }

  return { server, product, keyring, keyringFile, clock, startServer, createApp, createLicense }
}
