import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { REVOCATION_LIST_TYP, revocationId } from '../../../src/protocol'
import { createDesk, type Desk, later } from '../desk'
import type { FakeLicenseServer } from '../fake-license-server'
import { printFigures } from '../figures'
import { createClaims, DAY, HOST_ID, LICENSE_KEY, signToken } from '../token-factory'

const { iat, exp, lid, stamp } = createClaims()
const EXPIRY = exp - iat
const UNREACHABLE = 'http://127.0.0.1:9/licensing'

const figures = { losses: 0, wrongLocks: 0, wrongLocksOfControl: 0 }

printFigures('C11', figures)

/** What a server may have lost, though nobody has revoked anything. */
const LOSSES: readonly (readonly [string, (server: FakeLicenseServer) => void, string])[] = [
  ['the activation', (server) => forgetHosts(server), 'ACTIVATION_NOT_FOUND'],
  ['the license', (server) => Object.assign(server, { deleted: true }), 'LICENSE_NOT_FOUND'],
  ["the host's key", (server) => server.proofs.keys.set(HOST_ID, 'of an older backup'), 'PROOF_REQUIRED'],
]

async function activated(): Promise<Desk> {
  const desk = await createDesk()
  await desk.start().activate(LICENSE_KEY)
  return desk
}

function forgetHosts({ activeHosts, proofs }: FakeLicenseServer): void {
  activeHosts.clear()
  proofs.keys.clear()
}

function moveTo({ clock, server }: Desk, seconds: number): void {
  clock.now = later(seconds)
  server.now = clock.now
}

/** Keeps the server from taking anybody in, as one that is full would. */
function refuseToActivate(server: FakeLicenseServer): void {
  server.fault = (response, { path: asked }) =>
    asked.endsWith('/activate') &&
    response
      .writeHead(403, { 'keyslot-error': 'ACTIVATION_LIMIT_REACHED' })
      .end('{"message":"Activation limit reached","code":2}') !== undefined
}

function listNaming({ key }: FakeLicenseServer, id: string): string {
  const entries = [[id, stamp + 1e10, exp]]
  return signToken(key, { iss: 'keyslot', iat, product: null, entries }, { typ: REVOCATION_LIST_TYP })
}

/** What a client does that takes every no for the vendor's. */
function careless(code: string | undefined): boolean {
  return code === 'OK'
}

describe.each(LOSSES)('a server that has lost %s', (_, lose, code) => {
  it('stops nobody while the license token lasts, and cuts the grace', async () => {
    const desk = await activated()
    lose(desk.server)
    refuseToActivate(desk.server)
    for (const days of [1, 8, 13]) {
      moveTo(desk, days * DAY)
      const license = await desk.start().refresh()
      figures.losses++
      if (!license.usable) figures.wrongLocks++
      if (!careless(license.lastContact?.code)) figures.wrongLocksOfControl++
      expect(license).toMatchObject({ status: 'valid', reason: 'OK', refreshDue: true, graceEndsAt: later(EXPIRY) })
      expect(license.lastContact?.at).toEqual(desk.clock.now)
    }
    moveTo(desk, EXPIRY)
    const over = await desk.start({ serverUrl: UNREACHABLE }).check()
    expect(over).toMatchObject({ status: 'expired', reason: 'TOKEN_EXPIRED', usable: false })
    expect(over.message).toContain('does not know this computer')
  })

  it('tells the app which of them, and every other process, too', async () => {
    const desk = await activated()
    lose(desk.server)
    desk.server.fault = (response, { path: asked }) => asked.endsWith('/activate') && response.destroy() !== undefined
    const running = desk.start()
    await running.check()
    await desk.start().refresh()
    expect((await running.check()).lastContact?.code).toBe('SERVER_UNREACHABLE')
    desk.server.fault = undefined
    refuseToActivate(desk.server)
    await desk.start().refresh()
    expect((await running.check()).lastContact?.code).toBe('ACTIVATION_LIMIT_REACHED')
    expect(code).toMatch(/NOT_FOUND|REQUIRED/)
  })
})

describe('a host that the server has forgotten', () => {
  it('comes back by itself with its key, also where all slots are taken since', async () => {
    const desk = await activated()
    forgetHosts(desk.server)
    desk.server.activeHosts.add('somebody else')
    const license = await desk.start().refresh()
    expect(license).toMatchObject({ status: 'valid', lastContact: { code: 'OK' }, refreshDue: false })
    expect(license.graceEndsAt).toEqual(later(EXPIRY + 7 * DAY))
    expect([...desk.server.activeHosts].sort()).toEqual([HOST_ID, 'somebody else'])
  })

  it('asks once a call, with the token that it has', async () => {
    const desk = await activated()
    forgetHosts(desk.server)
    refuseToActivate(desk.server)
    const before = desk.server.requests.length
    await desk.start().refresh()
    const asked = desk.server.requests.slice(before).filter(({ path: at }) => at.includes('/key/'))
    expect(asked.map(({ path: at }) => at)).toEqual(['/licensing/key/validate', '/licensing/key/activate'])
    expect(desk.server.issued.has(asked[1]?.body.licenseToken)).toBe(true)
  })

  it('takes no slot once its token has ended: the server may have forgotten why it had none', async () => {
    const desk = await activated()
    forgetHosts(desk.server)
    moveTo(desk, EXPIRY + DAY)
    expect(await desk.start().refresh()).toMatchObject({ status: 'expired', reason: 'TOKEN_EXPIRED' })
    expect(desk.server.activeHosts.size).toBe(0)
    expect(await desk.start().activate()).toMatchObject({ status: 'valid' })
  })

  it('is taken back by the person, too, who enters the key while all slots are taken', async () => {
    const desk = await activated()
    forgetHosts(desk.server)
    refuseToActivate(desk.server)
    await desk.start().refresh()
    desk.server.fault = undefined
    desk.server.activeHosts.add('somebody else')
    expect(await desk.start().activate(LICENSE_KEY)).toMatchObject({ status: 'valid', refreshDue: false })
  })

  it('is known again as soon as the server says so', async () => {
    const desk = await activated()
    desk.server.deleted = true
    expect(await desk.start().refresh()).toMatchObject({ status: 'valid', refreshDue: true })
    desk.server.deleted = false
    expect(await desk.start().refresh()).toMatchObject({ status: 'valid', refreshDue: false })
  })

  it('gains nothing by editing the mark away but what it had before contact', async () => {
    const desk = await activated()
    forgetHosts(desk.server)
    refuseToActivate(desk.server)
    await desk.start().refresh()
    const file = path.join(desk.dataDir, 'license.json')
    const { unknownSince, ...record } = JSON.parse(await readFile(file, 'utf8'))
    expect(unknownSince).toBe(iat)
    await writeFile(file, JSON.stringify(record))
    moveTo(desk, EXPIRY + DAY)
    expect(await desk.start().check()).toMatchObject({ status: 'grace' })
    expect(await desk.start().refresh()).toMatchObject({ status: 'expired' })
  })
})

describe('a host that was revoked on purpose', () => {
  it.each([
    ['its license', revocationId(lid)],
    ['itself', revocationId(lid, HOST_ID)],
  ])('stops where the list names %s, though the server only says that it does not know', async (_, id) => {
    const desk = await activated()
    forgetHosts(desk.server)
    desk.server.revocationList = listNaming(desk.server, id)
    expect(await desk.start().refresh()).toMatchObject({ status: 'revoked', reason: 'ACTIVATION_REVOKED' })
    expect(desk.server.activeHosts.size).toBe(0)
  })

  it('stops where the license was deleted, which the list tells from one that the server lost', async () => {
    const desk = await activated()
    desk.server.deleted = true
    desk.server.revocationList = listNaming(desk.server, revocationId(lid))
    expect(await desk.start().refresh()).toMatchObject({ status: 'revoked', reason: 'LICENSE_NOT_FOUND' })
  })

  it('is not taken back by its token', async () => {
    const desk = await activated()
    forgetHosts(desk.server)
    desk.server.fault = (response, { path: asked }) =>
      asked.endsWith('/activate') &&
      response
        .writeHead(403, { 'keyslot-error': 'ACTIVATION_REVOKED' })
        .end('{"message":"Activation revoked","code":2}') !== undefined
    expect(await desk.start().refresh()).toMatchObject({ status: 'revoked', reason: 'ACTIVATION_REVOKED' })
  })
})

it('locks nobody out, where a client that takes every no for the vendor’s locks out each time', () => {
  expect(figures.wrongLocks).toBe(0)
  expect(figures.wrongLocksOfControl).toBe(figures.losses)
})
