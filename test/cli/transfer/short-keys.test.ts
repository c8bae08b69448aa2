import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import express from 'express'
import { createLicenseKit } from 'keyslot/client'
import { SCOPES } from 'keyslot/server'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { OpenStore } from '../../../src/cli/open-store'
import { scratchFolder } from '../scratch-folder'
import { openService, runJson } from './run-command'

const folder = scratchFolder()
const store = `sqlite:${join(folder, 'licenses.db')}`
const productId = 'prod_imported_editor_1'
const LONG_KEY = `L-${'z'.repeat(254)}`

let service: OpenStore
let url: string
let token: string
let publishable: string
let close: () => void

beforeAll(async () => {
  const lines = join(folder, 'lines.jsonl')
  const license = { kind: 'license', product: 'Editor', maxActivations: 5, expiresAt: '2090-01-01' }
  const input = [
    { kind: 'product', id: productId, name: 'Editor', packageId: 4 },
    ...['x', 'aB-9', 'with space', 'a/b?c', LONG_KEY].map((key) => ({ ...license, key })),
    { ...license, key: 'f', type: 'floating', maxConcurrentSessions: 2 },
  ]
  writeFileSync(lines, input.map((line) => JSON.stringify(line)).join('\n'))
  await runJson('import', lines, '--storage', store)
  service = await openService(store)
  token = (await service.licensing.accessTokens.create({ name: 'all', kind: 'secret', scopes: SCOPES })).token
  const app = express()
  const forApps = { name: 'app', kind: 'publishable', scopes: [], productIds: [productId] } as const
  publishable = (await service.licensing.accessTokens.create(forApps)).token
  app.use(service.licensing.router)
  const server = createServer(app)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  close = () => void server.close()
})

afterAll(async () => {
  close()
  await service.licensing.close()
})

async function call(method: string, path: string, body?: object) {
  const response = await fetch(url + path, {
    method,
    headers: { Authorization: `Bearer ${token}`, 'X-API-Key': token, 'Content-Type': 'application/json' },
    ...(body && { body: JSON.stringify(body) }),
  })
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }
}

const post = (path: string, licenseKey: string, more: object = {}) =>
  call('POST', path, { productId, licenseKey, ...more })

describe.each([
  ['one character', 'x'],
  ['mixed case', 'aB-9'],
  ['white space', 'with space'],
  ['characters that mean something in a URL', 'a/b?c'],
  ['256 characters', LONG_KEY],
])('an imported key of %s', (_, key) => {
  const host = { hostId: 'host-1' }

  it('works on every KeyMint route, in any letter case', async () => {
    expect(await post('/key/activate', key, host)).toMatchObject({ status: 200, body: { message: 'License valid' } })
    expect(await post('/key/validate', key.toLowerCase(), host)).toMatchObject({ body: { valid: true } })
    expect(await post('/key/sign', key, host)).toMatchObject({ status: 200, body: { file: { signedKey: key } } })
    const query = new URLSearchParams({ productId, licenseKey: ` ${key.toUpperCase()} ` })
    expect(await call('GET', `/key?${query}`)).toMatchObject({
      status: 200,
      body: { data: { license: { key, activations: 1, devices: [{ hostId: 'host-1' }] } } },
    })
    expect(await post('/key/block', key)).toMatchObject({ status: 200 })
    expect(await post('/key/activate', key, host)).toMatchObject({ status: 403, body: { code: 2 } })
    expect(await post('/key/unblock', key)).toMatchObject({ status: 200 })
    const update = await call('PATCH', '/key', { productId, licenseKey: key, maxActivations: 9 })
    expect(update).toMatchObject({ status: 200, body: { affectedCount: 1 } })
    expect(await post('/key/deactivate', key, host)).toMatchObject({ body: { message: 'Device deactivated' } })
  })

  it('works on every route of the first version', async () => {
    expect(await post('/activate-key', key, host)).toMatchObject({ status: 200, body: { code: 0 } })
    expect(await post('/get-key', key)).toMatchObject({ body: { data: { license: { key, activations: 1 } } } })
    expect(await post('/block-key', key)).toMatchObject({ status: 200 })
    expect(await post('/unblock-key', key)).toMatchObject({ status: 200 })
    expect(await post('/deactivate-key', key)).toMatchObject({ body: { message: 'All devices deactivated' } })
  })

  it('works on every AuthTool route, in a path', async () => {
    const path = `/public/v1/key/${encodeURIComponent(key)}`
    expect(await call('GET', `${path}/detail`)).toMatchObject({ status: 200, body: { key: { activateLimit: 9 } } })
    expect(await call('GET', path)).toMatchObject({ status: 200 })
    expect(await call('PATCH', `${path}/change-status`, { status: 0 })).toMatchObject({ status: 200 })
    expect(await call('PATCH', `${path}/change-status`, { status: 1 })).toMatchObject({ status: 200 })
    expect(await call('PATCH', `${path}/reset`)).toMatchObject({ status: 200, body: { resetCount: 1 } })
  })

  it('works with the client kit', async () => {
    const kit = createLicenseKit({
      serverUrl: url,
      productId,
      accessToken: publishable,
      trustedKeys: service.licensing.jwks.keys,
      appName: 'acme-editor',
      dataDir: join(folder, `kit-${Buffer.from(key).toString('hex').slice(0, 16)}`),
      hostId: 'host-2',
    })
    expect(await kit.activate(key)).toMatchObject({ status: 'valid' })
    expect(await kit.check()).toMatchObject({ status: 'valid' })
    expect(await kit.refresh()).toMatchObject({ status: 'valid' })
    expect(await kit.deactivate()).toMatchObject({ outcome: 'freed' })
  })
})

describe('an imported floating license', () => {
  it('is checked out and in by a key of one character', async () => {
    const { status, body } = await post('/key/checkout', 'f', { hostId: 'host-1' })
    expect(status).toBe(200)
    expect(body).toMatchObject({ currentSessions: 1, maxSessions: 2 })
  })
})

describe('a key that is not there', () => {
  it('is malformed where it is too short for a made one', async () => {
    expect(await post('/key/activate', 'y', { hostId: 'h' })).toMatchObject({ status: 400, body: { code: 1 } })
    expect(await call('GET', '/public/v1/key/y')).toMatchObject({ status: 404 })
  })
})
