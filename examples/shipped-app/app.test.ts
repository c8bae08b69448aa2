import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import express from 'express'
import { createKeyring, createLicensing, type Licensing } from 'keyslot/server'
import { memoryStorage } from 'keyslot/storage'
import { afterAll, beforeAll, expect, it } from 'vitest'

const quiet = { warn: () => undefined, error: () => undefined }

let folder: string
let licensing: Licensing
let server: Server
let key: string
/** How many days have gone by since the first test, for server and computer. */
let daysOn = 0
let isReachable = true

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keyslot-shipped-app-'))
  licensing = await createLicensing({
    storage: memoryStorage(),
    keyring: createKeyring(new Date()),
    logger: quiet,
    now: () => new Date(Date.now() + daysOn * DAY_MS),
  })
  const { id: productId } = await licensing.products.create({ name: 'Acme Editor' })
  const { token } = await licensing.accessTokens.create({
    name: 'app',
    kind: 'publishable',
    scopes: [],
    productIds: [productId],
  })
  key = (await licensing.licenses.create({ productId, maxActivations: 1, customer: { name: 'Ada' } })).key
  const app = express().use(licensing.router)
  server = createServer((request, response) => (isReachable ? app(request, response) : response.destroy()))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const serverUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  // In a container whose folders go with it, a kit takes no slot without one.
  const hostId = 'this-computer'
  const config = { serverUrl, productId, accessToken: token, trustedKeys: licensing.jwks.keys, hostId }
  await writeFile(join(folder, 'config.json'), JSON.stringify(config))
})

afterAll(async () => {
  server.close()
  await licensing.close()
  await rm(folder, { recursive: true, force: true })
})

const DAY_MS = 86_400_000

/** Runs before the app: so many days have gone by, by the computer's clock and by its uptime. */
const DAYS_LATER = `data:text/javascript,${encodeURIComponent(`
  import { syncBuiltinESMExports } from 'node:module'
  import os from 'node:os'
  const { Date: Now } = globalThis
  const { uptime } = os
  const seconds = Number(process.env.DAYS_ON) * 86_400
  os.uptime = () => uptime() + seconds
  globalThis.Date = class extends Now {
    constructor(...parts) { super(...(parts.length === 0 ? [Now.now() + seconds * 1000] : parts)) }
    static now() { return Now.now() + seconds * 1000 }
  }
  syncBuiltinESMExports()
`)}`

interface Run {
  readonly code: number
  readonly output: string
}

/** Runs a script of the example as its user would. */
function run(script: string, ...args: string[]): Promise<Run> {
  const file = fileURLToPath(new URL(script, import.meta.url))
  const env = {
    ...process.env,
    ACME_EDITOR_CONFIG: join(folder, 'config.json'),
    ACME_EDITOR_DATA_DIR: join(folder, 'data'),
    DAYS_ON: String(daysOn),
  }
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      ['--import', DAYS_LATER, '--import', 'tsx', file, ...args],
      { env },
      (error, stdout, stderr) => {
        resolve({ code: typeof error?.code === 'number' ? error.code : 0, output: stdout + stderr })
      },
    )
  })
}

async function activations(): Promise<number> {
  return (await licensing.licenses.get(key)).license.activationCount
}

it('refuses to run, takes a key, runs, and gives the slot back', async () => {
  expect((await run('app.ts')).code).toBe(3)
  expect(await run('app.ts', 'activate', 'AAAAA-BBBBB-CCCCC-DDDDD')).toMatchObject({
    code: 3,
    output: expect.stringContaining('LICENSE_NOT_FOUND'),
  })

  expect((await run('app.ts', 'activate', key.toLowerCase())).code).toBe(0)
  expect(await activations()).toBe(1)
  const licensed = await run('app.ts')
  expect(licensed).toMatchObject({ code: 0, output: expect.stringContaining('licensed to Ada') })
  expect(licensed.output).not.toContain(key)

  expect(await run('uninstall.ts')).toEqual({ code: 0, output: '' })
  expect(await activations()).toBe(0)
  expect((await run('app.ts')).code).toBe(3)
  expect(await run('app.ts', '--keyslot-deactivate')).toEqual({ code: 0, output: '' })
})

it('comes back by itself after three weeks away, as soon as it is online', async () => {
  expect((await run('app.ts', 'activate', key)).code).toBe(0)
  // License token and grace are over.
  daysOn = 22
  isReachable = false
  expect(await run('app.ts')).toMatchObject({ code: 3, output: expect.stringContaining('internet') })
  isReachable = true
  expect(await run('app.ts')).toMatchObject({ code: 0, output: expect.stringContaining('licensed to Ada') })
})
