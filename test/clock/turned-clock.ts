/**
 * An app in processes of its own whose wall clock is turned, as the system's would be, by Debian's libfaketime; its uptime is
 * the computer's. Each line of the story is a start of the app; restarts of the computer are in the tests of histories. Prints what it found, or that it was left out where the
 * library cannot be had. `npm run test:clock`.
 */
import { strict as assert } from 'node:assert'
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { build } from 'esbuild'
import express from 'express'
import { createKeyring, createLicensing } from 'keyslot/server'
import { memoryStorage } from 'keyslot/storage'
import { leaveOut } from '../circumstances'
import { findLibfaketime } from './libfaketime'

const HOUR = 3_600
const DAY = 86_400
/** Middle Europe's clocks go back an hour, 13 hours later. */
const START = new Date('2026-10-24T12:00:00Z')
const GRACE_END = 21 * DAY
/** What the starts of the story take on a busy machine, at most. */
const LONGEST_RUN = 3_600

const runFile = promisify(execFile)

/** A start of the app: seconds after the activation, by a clock that need not be right. */
interface Start {
  readonly at: number
  /** Offline unless `refresh`. */
  readonly does?: 'check' | 'refresh'
  readonly expected: string
  readonly timeZone?: string
  /** What time it is in truth, for the server. Default `at`. */
  readonly trueAt?: number
  readonly what: string
}

const STORY: readonly Start[] = [
  { what: 'as it was', at: HOUR, expected: 'valid' },
  { what: 'summer time, 02:50 for the first time', at: 12.85 * HOUR, timeZone: 'Europe/Berlin', expected: 'valid' },
  { what: 'winter time, 02:10 again', at: 13.2 * HOUR, timeZone: 'Europe/Berlin', expected: 'valid' },
  {
    what: 'a journey west, 24 hours of time zones',
    at: 13.3 * HOUR,
    timeZone: 'Pacific/Kiritimati',
    expected: 'valid',
  },
  { what: 'arrived', at: 13.4 * HOUR, timeZone: 'Pacific/Honolulu', expected: 'valid' },
  { what: 'another system reads the clock two hours ahead', at: 15.4 * HOUR, expected: 'valid' },
  { what: 'and back', at: 13.5 * HOUR, expected: 'valid' },
  { what: 'contact', at: 13.6 * HOUR, does: 'refresh', expected: 'valid' },
  { what: 'two days later', at: 2 * DAY, expected: 'valid' },
  { what: 'ten days back: the uptime counts', at: -8 * DAY, expected: 'valid' },
  { what: 'ten days back, online', at: -8 * DAY, does: 'refresh', trueAt: 2 * DAY, expected: 'valid' },
  { what: 'a dead battery: 1970', at: -START.getTime() / 1000 + HOUR, expected: 'valid' },
  { what: '1970, online', at: -START.getTime() / 1000 + HOUR, does: 'refresh', trueAt: 2 * DAY, expected: 'valid' },
  { what: '400 days ahead', at: 402 * DAY, expected: 'valid' },
  { what: 'back again', at: 2.2 * DAY, expected: 'valid' },
  { what: 'contact', at: 2.2 * DAY, does: 'refresh', expected: 'valid' },
]

/** Within one boot, offline: time goes on by the uptime, wherever the clock stands. Each start is some seconds later. */
const TURNED: readonly Start[] = [
  { what: 'to the end of grace', at: GRACE_END + 60, expected: 'valid' },
  { what: 'back', at: 15 * DAY, expected: 'valid' },
  { what: 'back for more', at: -10 * DAY, expected: 'valid' },
]

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'keyslot-clock-'))
  try {
    const library = findLibfaketime(folder)
    if (library !== undefined) await tell(folder, library)
    else leaveOut('clocks of whole processes need libfaketime (apt-get install -y libfaketime)')
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** @throws where the app does not say what the story expects */
async function tell(folder: string, library: string): Promise<void> {
  let serverTime = START
  const logger = { warn: () => undefined, error: console.error }
  const licensing = await createLicensing({
    storage: memoryStorage(),
    keyring: createKeyring(START),
    logger,
    now: () => serverTime,
  })
  const { id: productId } = await licensing.products.create({ name: 'Example App' })
  const access = { name: 'app', kind: 'publishable', scopes: [], productIds: [productId] } as const
  const { token: accessToken } = await licensing.accessTokens.create(access)
  const { key } = await licensing.licenses.create({ productId, maxActivations: 1, customer: { name: 'Ada' } })
  const router = express().use(licensing.router)
  const server = createServer((request, response) => {
    // The kit takes it as proof of the time; Node would send the true one.
    response.sendDate = false
    response.setHeader('date', serverTime.toUTCString())
    router(request, response)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const serverUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const dataDir = join(folder, 'data')
  mkdirSync(dataDir)
  const app = await compileApp(folder)

  const start = async (at: number, does: string, timeZone = 'UTC', trueAt = at): Promise<string> => {
    serverTime = new Date(START.getTime() + trueAt * 1000)
    const trustedKeys = licensing.jwks.keys
    const options = { serverUrl, productId, accessToken, trustedKeys, appName: 'app', dataDir, hostId: 'here' }
    const offset = Math.round((START.getTime() - Date.now()) / 1000 + at)
    const env = {
      LD_PRELOAD: library,
      FAKETIME: `${offset < 0 ? '' : '+'}${offset}`,
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
      TZ: timeZone,
    }
    return (await runFile(process.execPath, [app, JSON.stringify(options), does, key], { env })).stdout
  }
  let starts = 0
  const walk = async (story: readonly Start[]) => {
    for (const { what, at, does = 'check', expected, timeZone, trueAt } of story) {
      const said = await start(at, does, timeZone, trueAt)
      console.log(`${said === expected ? 'ok ' : 'NOT'} ${what}: ${said}`)
      assert.equal(said, expected, what)
      starts++
    }
  }
  try {
    assert.equal(await start(0, 'activate'), 'valid')
    await walk(STORY)
    assert.equal(await start(0, 'activate'), 'valid')
    await walk(TURNED)
    const moved = judgedTime(dataDir)
    assert.ok(moved < LONGEST_RUN, `the judged time went on by ${moved} s, in a story of many days by the clock`)
    console.log(`C06 ${JSON.stringify({ starts, judgedSeconds: Math.round(moved) })}`)
  } finally {
    server.close()
    await licensing.close()
  }
}

/** By how many seconds the judged time has gone on since the last contact. */
function judgedTime(dataDir: string): number {
  const { highestTimeSeen, clock } = JSON.parse(readFileSync(join(dataDir, 'license.json'), 'utf8'))
  return Math.max(highestTimeSeen, clock.anchor.time) - clock.signed
}

/** The app: prints what its license is worth. */
async function compileApp(folder: string): Promise<string> {
  const outfile = join(folder, 'app.cjs')
  await build({
    stdin: {
      contents: `
        import { createLicenseKit } from 'keyslot/client'
        const [options, does, licenseKey] = process.argv.slice(2)
        const kit = createLicenseKit(JSON.parse(options))
        kit[does](licenseKey).then(({ status }) => process.stdout.write(status))
      `,
      resolveDir: fileURLToPath(new URL('.', import.meta.url)),
    },
    alias: { 'keyslot/client': fileURLToPath(new URL('../../src/client/index.ts', import.meta.url)) },
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    outfile,
  })
  return outfile
}

await main()
