import { cp, readdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import type { LicenseKitOptions } from '../../src/client'
import { createDesk, later } from './desk'
import { codeOf } from './error-code'
import { PUBLISHABLE_TOKEN } from './fake-license-server'
import { temporaryDir } from './temporary-dir'
import { createSigningKey, DAY, HOST_ID, LICENSE_KEY, PRODUCT_ID } from './token-factory'

async function setUp(changes: Partial<LicenseKitOptions> = {}) {
  const { start: another, ...desk } = await createDesk({ deactivateTimeoutMs: 3_000, ...changes })
  return { ...desk, kit: another(), another }
}

describe('activate', () => {
  it('takes a slot and leaves a license every later start can check offline', async () => {
    const { kit, another, server, clock } = await setUp()
    expect(await kit.check()).toMatchObject({ status: 'not-activated', reason: 'NO_LICENSE', usable: false })
    const activated = await kit.activate(` ${LICENSE_KEY}\n`, { deviceTag: "Ada's laptop", version: '1.2.3' })
    expect(activated).toMatchObject({ status: 'valid', usable: true, persisted: true, refreshDue: false })
    expect(server.requests[0]?.body).toEqual({
      productId: PRODUCT_ID,
      licenseKey: LICENSE_KEY,
      hostId: HOST_ID,
      deviceTag: "Ada's laptop",
      version: '1.2.3',
    })
    await server.close()
    clock.now = later(10 * DAY)
    expect(await another().check()).toMatchObject({
      status: 'valid',
      refreshDue: true,
      tokenExpiresAt: later(14 * DAY),
    })
  })

  it('activating again is a success that takes no second slot', async () => {
    const { kit, server } = await setUp()
    await kit.activate(LICENSE_KEY)
    expect(await kit.activate(LICENSE_KEY)).toMatchObject({ status: 'valid' })
    expect(server.activeHosts.size).toBe(1)
  })

  it('says with a code why the server refuses', async () => {
    const { kit, another, server } = await setUp()
    expect(await codeOf(kit.activate('XXXXX-XXXXX-XXXXX-XXXXX'))).toBe('LICENSE_NOT_FOUND')
    expect(await codeOf(kit.activate('  '))).toBe('INVALID_REQUEST')
    expect(await codeOf(another({ accessToken: 'pk_wrong' }).activate(LICENSE_KEY))).toBe('INVALID_ACCESS_TOKEN')
    server.blocked = true
    expect(await codeOf(kit.activate(LICENSE_KEY))).toBe('LICENSE_BLOCKED')
    server.blocked = false
    server.activeHosts.add('somebody else')
    expect(await codeOf(kit.activate(LICENSE_KEY))).toBe('ACTIVATION_LIMIT_REACHED')
    await server.close()
    expect(await codeOf(kit.activate(LICENSE_KEY))).toBe('SERVER_UNREACHABLE')
    expect(await kit.check()).toMatchObject({ status: 'not-activated' })
  })

  it('refuses an answer it cannot verify, and stores nothing', async () => {
    const { another, kit, server } = await setUp()
    const untrusting = another({ trustedKeys: [createSigningKey().jwk] })
    expect(await codeOf(untrusting.activate(LICENSE_KEY))).toBe('TOKEN_KEY_UNKNOWN')
    server.claims = { machine: 'host-b' }
    expect(await codeOf(kit.activate(LICENSE_KEY))).toBe('TOKEN_WRONG_HOST')
    server.claims = { aud: 'other', productId: 'other' }
    expect(await codeOf(kit.activate(LICENSE_KEY))).toBe('TOKEN_WRONG_PRODUCT')
    server.fault = (response) => response.end('{"code":0,"message":"License valid"}') !== undefined
    expect(await codeOf(kit.activate(LICENSE_KEY))).toBe('TOKEN_MALFORMED')
    expect(await kit.check()).toMatchObject({ status: 'not-activated' })
  })

  it('works from memory where nothing can be written', async () => {
    const file = path.join(await temporaryDir(), 'a-file')
    await writeFile(file, '')
    const { kit } = await setUp({ dataDir: path.join(file, 'below') })
    expect(await kit.activate(LICENSE_KEY)).toMatchObject({ status: 'valid', persisted: false })
    expect(await kit.check()).toMatchObject({ status: 'valid', persisted: false })
    expect(await kit.deactivate()).toMatchObject({ outcome: 'freed', persisted: true })
    expect(await kit.check()).toMatchObject({ status: 'not-activated' })
  })

  it.each([-20_000 * DAY, -2 * DAY, 400 * DAY])(
    'with a clock that is wrong by %d s: as the server tells',
    async (off) => {
      const { kit, clock } = await setUp()
      clock.now = later(off)
      expect(await kit.activate(LICENSE_KEY)).toMatchObject({ status: 'valid', tokenExpiresAt: later(14 * DAY) })
      clock.now = later(off + 14 * DAY)
      expect(await kit.check()).toMatchObject({ status: 'grace' })
    },
  )
})

describe('check', () => {
  it('asks no server, and not even the disk while nothing changed', async () => {
    const { kit, server, dataDir } = await setUp()
    await kit.activate(LICENSE_KEY)
    const asked = server.requests.length
    for (let i = 0; i < 1_000; i++) expect((await kit.check()).usable).toBe(true)
    expect(server.requests.length).toBe(asked)
    expect(await readdir(dataDir)).toEqual(['license.json', 'proof-key.json'])
  })

  it('walks from valid through grace to expired', async () => {
    const { kit, clock } = await setUp()
    await kit.activate(LICENSE_KEY)
    const walked: string[] = []
    for (const days of [1, 7, 13.9, 14, 20.9, 21, 400]) {
      clock.now = later(days * DAY)
      walked.push((await kit.check()).status)
    }
    expect(walked).toEqual(['valid', 'valid', 'valid', 'grace', 'grace', 'expired', 'expired'])
  })

  it('finds a clock turned back, restarts included, and says so when the budget is spent', async () => {
    const { kit, another, clock } = await setUp()
    await kit.activate(LICENSE_KEY)
    clock.now = later(5 * DAY)
    await kit.check()
    clock.now = later(5 * DAY - 301)
    expect(await kit.check()).toMatchObject({ status: 'valid', refreshDue: true })
    clock.now = later(2 * DAY)
    expect(await another().check()).toMatchObject({ status: 'valid', refreshDue: true })
    clock.now = later(3.5 * DAY)
    expect(await another().check()).toMatchObject({ status: 'clock-tampered', usable: false })
    clock.now = later(5 * DAY)
    expect(await another().check()).toMatchObject({ status: 'valid' })
  })

  it('a jump forward destroys nothing: the clock heals it in time, contact at once', async () => {
    const { kit, another, clock, server } = await setUp()
    await kit.activate(LICENSE_KEY)
    clock.now = later(400 * DAY)
    expect(await kit.check()).toMatchObject({ status: 'expired' })
    clock.now = later(DAY)
    server.now = clock.now
    expect(await another().check()).toMatchObject({ status: 'valid', refreshDue: true })
    expect(await kit.refresh()).toMatchObject({ status: 'valid' })
    expect(await another().check()).toMatchObject({ status: 'valid' })
  })

  it('a copied folder is worthless on another host', async () => {
    const { kit, another, dataDir, server } = await setUp()
    await kit.activate(LICENSE_KEY)
    const copy = await temporaryDir()
    await cp(dataDir, copy, { recursive: true })
    const thief = another({ dataDir: copy, hostId: 'host-b' })
    expect(await thief.check()).toMatchObject({ status: 'wrong-host', usable: false, license: null })
    expect(await thief.deactivate()).toMatchObject({ outcome: 'not-activated' })
    expect(server.activeHosts.has(HOST_ID)).toBe(true)
  })

  it('a folder of another product, or of an untrusted server, grants nothing', async () => {
    const { kit, another } = await setUp()
    await kit.activate(LICENSE_KEY)
    expect(await another({ productId: 'prod_of_somebody_else_1' }).check()).toMatchObject({ status: 'wrong-product' })
    expect(await another({ trustedKeys: [createSigningKey().jwk] }).check()).toMatchObject({
      status: 'untrusted',
      reason: 'TOKEN_KEY_UNKNOWN',
    })
    expect(await another({ issuer: 'else' }).check()).toMatchObject({ status: 'untrusted', reason: 'TOKEN_CLAIMS' })
  })

  it('a cache edited by hand grants nothing', async () => {
    const { kit, another, dataDir } = await setUp()
    await kit.activate(LICENSE_KEY)
    const file = path.join(dataDir, 'license.json')
    const record = JSON.parse(await readFile(file, 'utf8'))
    const [head, , signature] = record.licenseToken.split('.')
    const forged = Buffer.from(JSON.stringify({ exp: 9_999_999_999 })).toString('base64url')
    await writeFile(file, JSON.stringify({ ...record, licenseToken: `${head}.${forged}.${signature}` }))
    expect(await another().check()).toMatchObject({ status: 'untrusted', reason: 'TOKEN_SIGNATURE' })
    await writeFile(file, '{"version":1,')
    expect(await kit.check()).toMatchObject({ status: 'not-activated', reason: 'CACHE_CORRUPT' })
  })
})

describe('refresh', () => {
  it('renews the token', async () => {
    const { kit, clock, server } = await setUp()
    await kit.activate(LICENSE_KEY)
    clock.now = later(8 * DAY)
    server.now = clock.now
    const refreshed = await kit.refresh()
    expect(refreshed).toMatchObject({ status: 'valid', refreshDue: false, tokenExpiresAt: later(22 * DAY) })
  })

  it('does nothing where nothing is activated, and overlapping calls share one request', async () => {
    const { kit, server } = await setUp()
    expect(await kit.refresh()).toMatchObject({ status: 'not-activated' })
    expect(server.requests).toHaveLength(0)
    await kit.activate(LICENSE_KEY)
    await Promise.all([kit.refresh(), kit.refresh(), kit.refresh()])
    expect(server.requests.filter(({ path: asked }) => asked.endsWith('/validate'))).toHaveLength(1)
  })

  it.each<[object | undefined, string]>([
    [{ code: 0, valid: false, reason: 'revoked' }, 'REVOKED'],
    [{ code: 0, valid: false, reason: 'expired' }, 'LICENSE_EXPIRED'],
    [{ code: 0, valid: false, reason: 'activation-revoked' }, 'ACTIVATION_REVOKED'],
    [{ code: 0, valid: false, reason: 'wrong-host' }, 'HOST_NOT_ALLOWED'],
  ])('%j is definite: revoked, cleared, and stays so until activated anew', async (verdict, reason) => {
    const { kit, another, server, dataDir } = await setUp()
    await kit.activate(LICENSE_KEY)
    server.verdict = verdict
    expect(await kit.refresh()).toMatchObject({ status: 'revoked', reason, usable: false })
    expect(await another().check()).toMatchObject({ status: 'revoked', reason })
    const { licenseToken, recovery } = JSON.parse(await readFile(path.join(dataDir, 'license.json'), 'utf8'))
    expect([licenseToken, recovery.licenseKey]).toEqual([undefined, LICENSE_KEY])
    expect(await another().activate(LICENSE_KEY)).toMatchObject({ status: 'valid' })
    // Who activates again is who they were: the server knows them as the oldest user of this host.
    expect(JSON.parse(await readFile(path.join(dataDir, 'license.json'), 'utf8')).proofKey).toEqual(recovery.proofKey)
  })

  it.each<[string, number, string, string?]>([
    ['500', 500, '{"message":"Server error","code":1}', 'SERVER_ERROR'],
    ['429', 429, '{"message":"slow down","code":3}'],
    ['a captive portal', 200, '<html>Log in</html>'],
    ['a 404 of somebody else', 404, '<h1>Not found</h1>'],
    ['a refused access token', 401, '{"message":"Invalid access token","code":1}', 'INVALID_ACCESS_TOKEN'],
    ['missing permissions', 403, '{"message":"no","code":1}', 'INSUFFICIENT_PERMISSIONS'],
    ["a refusal of a newer server's", 403, '{"message":"no","code":2}', 'SOMETHING_NEW'],
    ['our very words from somebody else', 403, '{"message":"License not activated","code":2}'],
    ['an unknown key, says somebody else', 404, '{"message":"Invalid license key","code":1}'],
    ['valid without a token', 200, '{"code":0,"valid":true}'],
    ['no reason at all', 200, '{"code":0,"valid":false}'],
    ['a reason nobody knows', 200, '{"code":0,"valid":false,"reason":"untrusted"}'],
    ['a token nobody signed', 200, '{"code":0,"valid":true,"licenseToken":"a.b.c"}'],
  ])('%s changes nothing', async (_, status, body, code) => {
    const { kit, server, dataDir } = await setUp()
    await kit.activate(LICENSE_KEY)
    const read = async () => ({ ...JSON.parse(await readFile(path.join(dataDir, 'license.json'), 'utf8')), contact: 0 })
    const stored = await read()
    const headers = code === undefined ? {} : { 'keyslot-error': code }
    server.fault = (response) => response.writeHead(status, headers).end(body) !== undefined
    expect(await kit.refresh()).toMatchObject({ status: 'valid' })
    expect(await read()).toEqual(stored)
  })

  it('does not bring back what another process deactivated meanwhile', async () => {
    const { kit, another, server } = await setUp()
    await kit.activate(LICENSE_KEY)
    let release: (() => void) | undefined
    server.fault = (response, { path: asked, body }) => {
      if (!asked.endsWith('/validate') || release !== undefined) return false
      const licenseToken = 'irrelevant'
      release = () => response.end(JSON.stringify({ code: 0, valid: true, licenseToken, ...body }))
      another()
        .deactivate()
        .then(
          () => release?.(),
          () => undefined,
        )
      return true
    }
    expect(await kit.refresh()).toMatchObject({ status: 'not-activated' })
  })
})

describe('deactivate', () => {
  it('frees the slot, clears the cache, and a later activation works', async () => {
    const { kit, server, dataDir } = await setUp()
    await kit.activate(LICENSE_KEY)
    expect(await kit.deactivate()).toMatchObject({ outcome: 'freed', persisted: true })
    expect(server.activeHosts.size).toBe(0)
    expect(await readdir(dataDir)).toEqual([])
    expect(await kit.check()).toMatchObject({ status: 'not-activated' })
    expect(await kit.deactivate()).toMatchObject({ outcome: 'not-activated', persisted: true })
    expect(await kit.activate(LICENSE_KEY)).toMatchObject({ status: 'valid' })
  })

  it('already-free when the vendor freed it first', async () => {
    const { kit, server } = await setUp()
    await kit.activate(LICENSE_KEY)
    server.activeHosts.clear()
    expect(await kit.deactivate()).toMatchObject({ outcome: 'already-free', persisted: true })
  })

  it('is bounded at three seconds against a black hole, and leaves a ticket', async () => {
    const { another, server, dataDir } = await setUp()
    const kit = another({ tryTimeoutMs: 5_000, maxTries: 3 })
    await kit.activate(LICENSE_KEY)
    server.fault = () => true
    const startedAt = performance.now()
    expect(await kit.deactivate()).toMatchObject({ outcome: 'queued-offline', persisted: true })
    expect(performance.now() - startedAt).toBeLessThan(4_800)
    expect(await readdir(dataDir)).toEqual([expect.stringMatching(/^uninstall-.+\.ticket$/)])
    expect(await kit.check()).toMatchObject({ status: 'not-activated' })

    server.fault = undefined
    expect(await another().refresh()).toMatchObject({ status: 'not-activated' })
    expect(server.activeHosts.size).toBe(0)
    expect(await readdir(dataDir)).toEqual([])
  })

  it('a blocked license keeps its ticket until the slot can be freed', async () => {
    const { kit, server, dataDir } = await setUp()
    await kit.activate(LICENSE_KEY)
    server.blocked = true
    expect(await kit.deactivate()).toMatchObject({ outcome: 'queued-offline', persisted: true })
    server.blocked = false
    expect(await kit.deactivate()).toMatchObject({ outcome: 'not-activated' })
    expect(server.activeHosts.size).toBe(0)
    expect(await readdir(dataDir)).toEqual([])
  })

  it('activating the same slot again tears the ticket up instead of delivering it', async () => {
    const { another, kit, server, dataDir } = await setUp({ deactivateTimeoutMs: 300 })
    await kit.activate(LICENSE_KEY)
    server.fault = () => true
    await kit.deactivate()
    server.fault = undefined
    expect(
      await another()
        .activate(LICENSE_KEY.toLowerCase())
        .catch(() => 'refused'),
    ).toBe('refused')
    expect(await readdir(dataDir)).toEqual(['proof-key.json', expect.stringMatching(/\.ticket$/)])
    expect(await kit.activate(LICENSE_KEY)).toMatchObject({ status: 'valid' })
    expect(await readdir(dataDir)).toEqual(['license.json', 'proof-key.json'])
    expect(await kit.refresh()).toMatchObject({ status: 'valid' })
    expect(server.activeHosts.size).toBe(1)
  })

  it('a ticket of another hostId is delivered before activating, which may need its slot', async () => {
    const { another, kit, server } = await setUp({ deactivateTimeoutMs: 300 })
    await kit.activate(LICENSE_KEY)
    server.fault = () => true
    await kit.deactivate()
    server.fault = undefined
    expect(await another({ hostId: 'host-b' }).activate(LICENSE_KEY)).toMatchObject({ status: 'valid' })
    expect([...server.activeHosts]).toEqual(['host-b'])
  })
})

describe('the kit', () => {
  it('shows no secret to inspect or JSON, nor do its errors', async () => {
    const { kit, server } = await setUp()
    const check = await kit.activate(LICENSE_KEY)
    server.blocked = true
    const error = await kit.activate(LICENSE_KEY).catch((refusal: unknown) => refusal)
    for (const value of [kit, check, error]) {
      const shown = `${inspect(value, { depth: 9, showHidden: true })}${JSON.stringify(value)}${String(value)}`
      expect(shown).not.toContain(LICENSE_KEY)
      expect(shown).not.toContain(PUBLISHABLE_TOKEN)
    }
  })

  it('hostId: the option wins, and is worked out once', async () => {
    const { kit, another } = await setUp()
    expect(await kit.hostId()).toMatchObject({ hostId: HOST_ID, source: 'option' })
    const derived = another({ hostId: undefined })
    const first = await derived.hostId()
    expect(first.hostId).toMatch(/^h1\.[\w-]{43}$/)
    expect(await derived.hostId()).toBe(first)
    expect((await another({ hostId: undefined }).hostId()).hostId).toBe(first.hostId)
  })
})
