import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import express from 'express'
import type { LicenseKitOptions } from 'keyslot/client'
import { createKeyring, createLicensing, type Licensing } from 'keyslot/server'
import { memoryStorage } from 'keyslot/storage'
import { vi } from 'vitest'

const quiet = { warn: () => undefined, error: () => undefined }

/** A shop that has sold a license for one computer, and a computer with an empty home. */
export interface Shop {
  readonly licensing: Licensing
  readonly key: string
  /** What the app has built in. */
  readonly options: LicenseKitOptions
  readonly home: string
  /** So much time goes by for the shop. */
  wait(ms: number): void
  slotsTaken(): Promise<number>
  /** Nothing answers any more. */
  goOffline(): void
  close(): Promise<void>
}

export async function openShop(): Promise<Shop> {
  const home = await mkdtemp(join(tmpdir(), 'keyslot-electron-'))
  for (const variable of ['XDG_DATA_HOME', 'HOME', 'LOCALAPPDATA']) vi.stubEnv(variable, home)
  let aheadMs = 0
  const licensing = await createLicensing({
    storage: memoryStorage(),
    keyring: createKeyring(new Date()),
    logger: quiet,
    now: () => new Date(Date.now() + aheadMs),
  })
  const { id: productId } = await licensing.products.create({ name: 'Acme Editor' })
  const access = { name: 'app', kind: 'publishable', scopes: [], productIds: [productId] } as const
  const { token: accessToken } = await licensing.accessTokens.create(access)
  const { key } = await licensing.licenses.create({ productId, maxActivations: 1, customer: { name: 'Ada' } })
  const server = createServer(express().use(licensing.router)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const serverUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const trustedKeys = licensing.jwks.keys
  const goOffline = () => {
    server.close()
    server.closeAllConnections()
  }
  return {
    licensing,
    key,
    home,
    options: { serverUrl, productId, accessToken, trustedKeys, appName: 'acme-editor', hostId: 'this-computer' },
    slotsTaken: async () => (await licensing.licenses.get(key)).license.activationCount,
    wait(ms) {
      aheadMs += ms
    },
    goOffline,
    async close() {
      goOffline()
      await licensing.close()
      vi.unstubAllEnvs()
      await rm(home, { recursive: true, force: true })
    },
  }
}
