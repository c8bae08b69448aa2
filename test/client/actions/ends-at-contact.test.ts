import { describe, expect, it } from 'vitest'
import { REVOCATION_LIST_TYP, revocationId } from '../../../src/protocol'
import { createDesk, type Desk, later } from '../desk'
import type { FakeLicenseServer, Fault } from '../fake-license-server'
import { printFigures } from '../figures'
import { createClaims, DAY, LICENSE_KEY, signToken } from '../token-factory'

const HOUR = 3_600
const { iat, exp, lid, stamp } = createClaims()
const EXPIRY = exp - iat
const GRACE_END = EXPIRY + 7 * DAY
const UNREACHABLE = 'http://127.0.0.1:9/licensing'

const figures = { hoursWatchedOffline: 0, wrongHours: 0, contacts: 0, endedAtFirstContact: 0 }

printFigures('C08', figures)

/** What a vendor does while the app hears nothing of it, and what the app says once it does. */
const ENDS: readonly (readonly [string, (server: FakeLicenseServer) => void, string])[] = [
  ['blocked', (server) => Object.assign(server, { blocked: true }), 'REVOKED'],
  ['its activation freed', free, 'ACTIVATION_REVOKED'],
  ['on the revocation list', (server) => Object.assign(server, { revocationList: listIn(server) }), 'REVOKED'],
  [
    'its customer disabled',
    (server) => Object.assign(server, { verdict: { code: 0, valid: false, reason: 'revoked' } }),
    'REVOKED',
  ],
]

/** What is no answer of the license server, whatever it looks like. */
const INDEFINITE: readonly (readonly [string, Fault])[] = [
  ['500', (response) => response.writeHead(500).end('{"message":"Server error","code":1}') !== undefined],
  ['a captive portal', (response) => response.end('<html>License revoked</html>') !== undefined],
  ['429', (response) => response.writeHead(429, { 'retry-after': '60' }).end() !== undefined],
  ['a reset connection', (response) => response.destroy() !== undefined],
]

async function activated(): Promise<Desk> {
  const desk = await createDesk()
  await desk.start().activate(LICENSE_KEY)
  return desk
}

function free({ activeHosts, freedHosts }: FakeLicenseServer): void {
  for (const host of activeHosts) freedHosts.add(host)
  activeHosts.clear()
}

function listIn({ key }: FakeLicenseServer): string {
  return signToken(
    key,
    { iss: 'keyslot', iat, product: null, entries: [[revocationId(lid), stamp + 1e10, exp]] },
    { typ: REVOCATION_LIST_TYP },
  )
}

function statusAt(seconds: number): string {
  if (seconds < EXPIRY) return 'valid'
  return seconds < GRACE_END ? 'grace' : 'expired'
}

describe('ended by the vendor while the app is offline', () => {
  it('runs to the end of its grace, to the hour, and not longer', async () => {
    const { clock, start, server } = await activated()
    for (const [, end] of ENDS) end(server)
    const offline = start({ serverUrl: UNREACHABLE })
    const wrong: number[] = []
    for (let seconds = HOUR; seconds <= GRACE_END + DAY; seconds += HOUR) {
      clock.now = later(seconds)
      if ((await offline.check()).status !== statusAt(seconds)) wrong.push(seconds)
      figures.hoursWatchedOffline++
    }
    figures.wrongHours = wrong.length
    expect(wrong).toEqual([])
  })
})

describe.each(ENDS)('%s while the app is offline', (_, end, reason) => {
  it.each([
    ['an hour', HOUR],
    ['ten days', 10 * DAY],
    ['grace', EXPIRY + DAY],
  ])('ends at the first contact after %s, for every process and for good', async (_name, seconds) => {
    const { clock, start, server } = await activated()
    const running = start()
    end(server)
    clock.now = later(seconds)
    server.now = clock.now
    expect(await start({ serverUrl: UNREACHABLE }).refresh()).toMatchObject({ status: statusAt(seconds) })
    figures.contacts++
    expect(await start().refresh()).toMatchObject({ status: 'revoked', reason, usable: false })
    figures.endedAtFirstContact++
    expect(await running.check()).toMatchObject({ status: 'revoked', reason })
    expect(await start({ serverUrl: UNREACHABLE }).refresh()).toMatchObject({ status: 'revoked', reason })
  })
})

describe('a list carried by hand', () => {
  it('ends it without any network', async () => {
    const { start, server } = await activated()
    const running = start()
    expect(await running.check()).toMatchObject({ status: 'valid' })
    const list = listIn(server)
    await server.close()
    expect(await start().importRevocationList(list)).toMatchObject({ status: 'revoked', reason: 'REVOKED' })
    expect(await running.check()).toMatchObject({ status: 'revoked', reason: 'REVOKED' })
  })
})

describe('blocked and unblocked again while the app is offline', () => {
  it('leaves no trace', async () => {
    const { clock, start, server } = await activated()
    server.blocked = true
    clock.now = later(2 * DAY)
    await start({ serverUrl: UNREACHABLE }).refresh()
    server.blocked = false
    server.now = clock.now
    expect(await start().refresh()).toMatchObject({ status: 'valid', tokenExpiresAt: later(16 * DAY) })
  })
})

describe.each(INDEFINITE)('%s', (_, fault) => {
  it('never ends a license that grace still covers', async () => {
    const { clock, start, server } = await activated()
    server.fault = fault
    for (const seconds of [HOUR, 8 * DAY, EXPIRY, GRACE_END - 1, GRACE_END]) {
      clock.now = later(seconds)
      expect(await start().refresh()).toMatchObject({ status: statusAt(seconds) })
    }
    server.fault = undefined
    server.now = clock.now
    expect(await start().refresh()).toMatchObject({ status: 'valid' })
  })
})
