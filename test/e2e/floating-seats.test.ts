import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { cp } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import express from 'express'
import { createKeyring, createLicensing, type Licensing } from 'keyslot/server'
import { memoryStorage } from 'keyslot/storage'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { FloatingSession } from '../../src/client'
import { SYSTEM_PROBES } from '../../src/client/host/machine-id'
import { composeLicenseKit } from '../../src/client/license-kit'
import { parseOptions } from '../../src/client/options'
import { ManualClock } from '../client/manual-clock'
import { temporaryDir } from '../client/temporary-dir'

const LEASE = 900
const HOUR = 3_600
const START = new Date('2026-03-01T12:00:00Z')

let clock: ManualClock
let licensing: Licensing
let server: Server
let isDown: boolean
let key: string
let built: { readonly serverUrl: string; readonly productId: string; readonly accessToken: string }

beforeEach(async () => {
  isDown = false
  clock = new ManualClock(START)
  const logger = { warn: () => undefined, error: () => undefined }
  const options = { storage: memoryStorage(), keyring: createKeyring(START), logger, now: clock.now }
  licensing = await createLicensing({ ...options, housekeepingSeconds: 0, rateLimits: false })
  const { id: productId } = await licensing.products.create({ name: 'Editor' })
  const access = { name: 'app', kind: 'publishable', scopes: [], productIds: [productId] } as const
  const { token: accessToken } = await licensing.accessTokens.create(access)
  key = (await licensing.licenses.create({ productId, floating: { maxConcurrentSessions: 1 } })).key
  const app = express()
    .use((_, response, next) => {
      response.sendDate = false
      response.setHeader('date', clock.now().toUTCString())
      if (isDown) response.destroy()
      else next()
    })
    .use(licensing.router)
  server = createServer(app).listen(0, '127.0.0.1')
  await once(server, 'listening')
  built = { serverUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, productId, accessToken }
})
afterEach(async () => {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
  await licensing.close()
})

function start(dataDir: string): Promise<FloatingSession> {
  const trustedKeys = licensing.jwks.keys
  const options = {
    ...built,
    trustedKeys,
    appName: 'acme-editor',
    dataDir,
    hostId: 'host',
    now: clock.now,
    maxTries: 1,
  }
  const system = { probes: SYSTEM_PROBES, clock, random: () => 0.5, randomId: randomUUID }
  return composeLicenseKit(parseOptions(options), system).floating.checkout(key, { checkinOnExit: false })
}

const statuses = (...sessions: readonly FloatingSession[]) => sessions.map(({ status }) => status)

it('two processes of one folder share the one seat there is, for hours', async () => {
  const dataDir = await temporaryDir()
  const [first, second] = [await start(dataDir), await start(dataDir)]
  clock.restingTimers = 2
  await clock.elapse(2 * HOUR)
  expect(statuses(first, second)).toEqual(['held', 'held'])
  await first.checkin()
  await second.checkin()
})

it('of two copies of a folder one has the seat', async () => {
  const [dataDir, copy] = [await temporaryDir(), await temporaryDir()]
  const first = await start(dataDir)
  await cp(dataDir, copy, { recursive: true })
  const second = await start(copy)
  const loss = new Promise((resolve) => first.on('lost', resolve))
  clock.restingTimers = 2
  await Promise.race([loss, clock.elapse(2 * LEASE)])
  expect(await loss).toMatchObject({ code: 'INVALID_SESSION_SIGNATURE', final: true })
  expect(statuses(first, second)).toEqual(['lost', 'held'])
  await second.checkin()
})

it('a server that is down for four hours takes no seat from anybody, and one that is down for longer does', async () => {
  const session = await start(await temporaryDir())
  isDown = true
  await clock.elapse(4 * HOUR)
  expect(session.status).toBe('at-risk')
  isDown = false
  await clock.elapse(120)
  expect(session.status).toBe('held')
  isDown = true
  await clock.elapse(5 * HOUR)
  expect(session.status).toBe('lost')
})
