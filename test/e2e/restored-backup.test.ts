import { copyFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import express from 'express'
import { createLicenseKit, type LicenseKit } from 'keyslot/client'
import { createKeyring, createLicensing, type Licensing } from 'keyslot/server'
import { sqliteStorage } from 'keyslot/storage/sqlite'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { temporaryDir } from '../client/temporary-dir'

const HOSTS = 10
const keyring = createKeyring(new Date())
let licensing: Licensing
let server: Server
let store: string
let productId: string
let accessToken: string

/** Starts a server on a file, as after a crash: clients see one address all the while. */
async function open(file: string): Promise<void> {
  const logger = { warn: () => undefined, error: () => undefined }
  const storage = sqliteStorage({ file })
  licensing = await createLicensing({ storage, keyring, rateLimits: false, housekeepingSeconds: 0, logger })
}

beforeEach(async () => {
  store = path.join(await temporaryDir(), 'licenses.db')
  await open(store)
  const app = express().use('/licensing', (request, response, next) => licensing.router(request, response, next))
  server = createServer(app)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const product = await licensing.products.create({ name: 'Editor' })
  productId = product.id
  const app_ = { name: 'app', kind: 'publishable', scopes: [], productIds: [productId] } as const
  accessToken = (await licensing.accessTokens.create(app_)).token
})
afterEach(async () => {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
  await licensing.close()
})

async function newKit(hostId: string): Promise<LicenseKit> {
  const { port } = server.address() as AddressInfo
  return createLicenseKit({
    serverUrl: `http://127.0.0.1:${port}/licensing`,
    productId,
    accessToken,
    trustedKeys: licensing.jwks.keys,
    appName: 'acme-editor',
    dataDir: await temporaryDir(),
    hostId,
    maxTries: 1,
  })
}

const sell = async () => (await licensing.licenses.create({ productId, maxActivations: 1 })).key

async function activateHosts(name: string): Promise<{ key: string; kit: LicenseKit; hostId: string }[]> {
  const hosts: { key: string; kit: LicenseKit; hostId: string }[] = []
  for (let index = 0; index < HOSTS; index += 1) {
    const hostId = `${name}-${index}`
    const [key, kit] = [await sell(), await newKit(hostId)]
    hosts.push({ key, kit, hostId })
  }
  return hosts
}

async function restore(backup: string): Promise<void> {
  await licensing.close()
  await open(backup)
}

describe('a server that was restored from last night’s backup', () => {
  it('throws nobody out, whether activated before it or after, and takes its hosts back at the limit too', async () => {
    const before = await activateHosts('before')
    const after = await activateHosts('after')
    for (const { kit, key } of before) await kit.activate(key)
    await licensing.close()
    const backup = path.join(path.dirname(store), 'backup.db')
    await copyFile(store, backup)
    await open(store)
    for (const { kit, key } of after) await kit.activate(key)
    await restore(backup)
    // One newcomer is faster than the host whose slot was forgotten.
    const [first] = after
    const newcomer = await newKit('newcomer')
    expect((await newcomer.activate(first?.key ?? '')).usable).toBe(true)

    let out = 0
    for (const { kit } of [...before, ...after]) {
      const { usable, lastContact } = await kit.refresh()
      if (!usable || lastContact?.code !== 'OK') out += 1
    }
    expect(out).toBe(0)
    for (const { key, hostId } of [...before, ...after]) {
      const { activations } = await licensing.licenses.get(key)
      expect(activations.map((one) => one.hostId)).toContain(hostId)
    }
  })

  it('is told of by a client that takes every no for the vendor’s: each host activated since is out', async () => {
    const after = await activateHosts('after')
    await licensing.close()
    const backup = path.join(path.dirname(store), 'backup.db')
    await copyFile(store, backup)
    await open(store)
    for (const { kit, key } of after) await kit.activate(key)
    await restore(backup)
    const { port } = server.address() as AddressInfo
    let out = 0
    for (const { key, hostId } of after) {
      const response = await fetch(`http://127.0.0.1:${port}/licensing/key/validate`, {
        method: 'POST',
        headers: { Authorization: `Bearer ${accessToken}`, 'Content-Type': 'application/json' },
        body: JSON.stringify({ productId, licenseKey: key, hostId }),
      })
      if (((await response.json()) as { valid: boolean }).valid !== true) out += 1
    }
    expect(out).toBe(HOSTS)
  })

  it('keeps apps running whose license it has lost, while their license tokens last', async () => {
    await licensing.close()
    const backup = path.join(path.dirname(store), 'backup.db')
    await copyFile(store, backup)
    await open(store)
    const [sold] = await activateHosts('sold since')
    await sold?.kit.activate(sold.key)
    await restore(backup)
    const license = await sold?.kit.refresh()
    expect(license).toMatchObject({ usable: true, status: 'valid', lastContact: { code: 'LICENSE_NOT_FOUND' } })
  })
})
