import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { createLicenseKit, isLicenseError, type LicenseErrorCode, type LicenseKitOptions } from '../../../src/client'
import {
  computeFingerprint,
  type LicenseFile,
  type LicenseTokenClaims,
  parseActivationRequest,
  REVOCATION_LIST_TYP,
  revocationId,
} from '../../../src/protocol'
import { codeOf } from '../error-code'
import { PUBLISHABLE_TOKEN, startLicenseServer } from '../fake-license-server'
import { temporaryDir } from '../temporary-dir'
import {
  createClaims,
  createSigningKey,
  DAY,
  HOST_ID,
  LICENSE_ID,
  LICENSE_KEY,
  NOW,
  PRODUCT_ID,
  signToken,
} from '../token-factory'

const key = createSigningKey()
const YEAR = 365 * DAY
const iat = createClaims().iat

const later = (seconds: number) => new Date(NOW.getTime() + seconds * 1000)

/** As `keyslot sign` makes it: good for a year, renewal wanted from the half. */
function licenseFile(changes: Partial<LicenseTokenClaims> = {}, header: object = {}, by = key): LicenseFile {
  const signedAt = changes.iat ?? iat
  const license = { ...createClaims().license, refreshAfter: signedAt + YEAR / 2 }
  const claims = createClaims({ nbf: signedAt, exp: signedAt + YEAR, license, ...changes })
  return {
    licenseToken: signToken(by, claims, header),
    signedKey: claims.key,
    signedDate: later(signedAt - iat).toISOString(),
    keyId: by.kid,
    publicKeyFingerprint: computeFingerprint(by.jwk),
  }
}

async function setUp(changes: Partial<LicenseKitOptions> = {}) {
  const dir = await temporaryDir()
  const dataDir = path.join(dir, 'data')
  const clock = { now: NOW }
  const kit = (more: Partial<LicenseKitOptions> = {}) =>
    createLicenseKit({
      serverUrl: 'https://license.invalid/licensing',
      productId: PRODUCT_ID,
      accessToken: PUBLISHABLE_TOKEN,
      trustedKeys: [key.jwk],
      appName: 'acme-editor',
      dataDir,
      hostId: HOST_ID,
      now: () => clock.now,
      maxTries: 1,
      deactivateTimeoutMs: 300,
      fetch: () => Promise.reject(new TypeError('fetch failed')),
      ...changes,
      ...more,
    })
  let files = 0
  const write = async (content: unknown) => {
    const file = path.join(dir, `${files++}.lic`)
    await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content))
    return file
  }
  return { dir, dataDir, clock, kit, write, only: kit() }
}

describe('createActivationRequest', () => {
  it('writes what the vendor needs, and no secret', async () => {
    const { only, dir } = await setUp()
    const file = path.join(dir, 'request.json')
    const request = await only.createActivationRequest(` ${LICENSE_KEY} `, file)
    expect(request).toEqual({
      type: 'keyslot-activation-request',
      version: 1,
      productId: PRODUCT_ID,
      hostId: HOST_ID,
      appName: 'acme-editor',
      createdAt: NOW.toISOString(),
      licenseKey: LICENSE_KEY,
    })
    const text = await readFile(file, 'utf8')
    expect(parseActivationRequest(text)).toEqual(request)
    expect(text).not.toContain(PUBLISHABLE_TOKEN)
  })

  it('needs neither key nor path', async () => {
    const { only, dir } = await setUp()
    expect(await only.createActivationRequest()).not.toHaveProperty('licenseKey')
    expect(await codeOf(only.createActivationRequest('  '))).toBe('INVALID_REQUEST')
    expect(await codeOf(only.createActivationRequest(undefined, path.join(dir, 'no', 'folder')))).toBe(
      'FILE_UNWRITABLE',
    )
    await expect(only.createActivationRequest(7 as never)).rejects.toThrow(TypeError)
  })
})

describe('parseActivationRequest', () => {
  const request = {
    type: 'keyslot-activation-request',
    version: 1,
    productId: PRODUCT_ID,
    hostId: HOST_ID,
    appName: 'acme-editor',
    createdAt: NOW.toISOString(),
    licenseKey: LICENSE_KEY,
  }

  it('takes a byte order mark and drops what it does not know', () => {
    expect(parseActivationRequest(`\uFEFF${JSON.stringify({ ...request, extra: 1 })}`)).toEqual(request)
  })

  it.each<[string, string | object, string | undefined]>([
    ['nothing', '', undefined],
    ['null', 'null', undefined],
    ['another text', 'hello', undefined],
    ['a long text', `"${' '.repeat(16_384)}"`, undefined],
    ['a list', [request], 'type'],
    ['a license file', licenseFile(), 'type'],
    ['a later version', { ...request, version: 2 }, 'version'],
    ['no product', { ...request, productId: undefined }, 'productId'],
    ['a hostId of 65', { ...request, hostId: 'h'.repeat(65) }, 'hostId'],
    ['an empty hostId', { ...request, hostId: '' }, 'hostId'],
    ['a hostId that is a list', { ...request, hostId: ['*'] }, 'hostId'],
    ['a name that moves the cursor', { ...request, appName: 'acme\u001b[2J' }, 'appName'],
    ['no date', { ...request, createdAt: 'today' }, 'createdAt'],
    ['a date nobody has', { ...request, createdAt: '2026-02-31T25:00:00Z' }, 'createdAt'],
    ['an empty key', { ...request, licenseKey: ' ' }, 'licenseKey'],
    ['a key written backwards', { ...request, licenseKey: `A\u202EB` }, 'licenseKey'],
    ['a key of two lines', { ...request, licenseKey: `${LICENSE_KEY}\nX` }, 'licenseKey'],
    ['a null key', { ...request, licenseKey: null }, 'licenseKey'],
    ['half a surrogate pair', `${JSON.stringify(request).replace('T8XTR', '\\ud800')}`, 'licenseKey'],
  ])('refuses %s', (_, content, field) => {
    const text = typeof content === 'string' ? content : JSON.stringify(content)
    try {
      parseActivationRequest(text)
      expect.fail('should have thrown')
    } catch (error) {
      expect(isLicenseError(error, 'ACTIVATION_REQUEST_MALFORMED') && error.detail).toEqual(field ? { field } : {})
    }
  })
})

describe('importLicenseFile', () => {
  it('there and back: request, sign, import, and valid at every later start', async () => {
    const { only, kit, write, dir, clock } = await setUp()
    const asked = path.join(dir, 'request.json')
    await only.createActivationRequest(LICENSE_KEY, asked)
    const { hostId: machine, licenseKey = '' } = parseActivationRequest(await readFile(asked, 'utf8'))
    const file = await write(`\uFEFF${JSON.stringify(licenseFile({ machine, key: licenseKey, sub: licenseKey }))}`)
    const check = await only.importLicenseFile(file)
    expect(check).toMatchObject({ status: 'valid', usable: true, persisted: true, refreshDue: false })
    expect(check.license?.entitlements).toEqual(['export'])
    clock.now = later(300 * DAY)
    expect(await kit().check()).toMatchObject({ status: 'valid' })
  })

  it('does not nag: refreshDue from 14 days before the end, or from the half of a short one', async () => {
    const { only, write, clock } = await setUp()
    await only.importLicenseFile(await write(licenseFile()))
    const due: boolean[] = []
    for (const day of [200, 350, 351, 364]) {
      clock.now = later(day * DAY)
      due.push((await only.check()).refreshDue)
    }
    expect(due).toEqual([false, false, true, true])
    expect((await only.check()).refreshAfter).toEqual(later(351 * DAY))

    const short = await setUp()
    const license = { ...createClaims().license, refreshAfter: iat + 10 * DAY }
    await short.only.importLicenseFile(await short.write(licenseFile({ exp: iat + 20 * DAY, license })))
    short.clock.now = later(9 * DAY)
    expect((await short.only.check()).refreshDue).toBe(false)
    short.clock.now = later(10 * DAY)
    expect((await short.only.check()).refreshDue).toBe(true)
  })

  it.each<[string, unknown, LicenseErrorCode]>([
    ['no JSON', 'hello', 'LICENSE_FILE_MALFORMED'],
    ['an empty file', '', 'LICENSE_FILE_MALFORMED'],
    ['null', 'null', 'LICENSE_FILE_MALFORMED'],
    ['a list', [licenseFile()], 'LICENSE_FILE_MALFORMED'],
    ['a bare token', licenseFile().licenseToken, 'LICENSE_FILE_MALFORMED'],
    ['no token', { ...licenseFile(), licenseToken: undefined }, 'LICENSE_FILE_MALFORMED'],
    ['a token that is a number', { ...licenseFile(), licenseToken: 7 }, 'LICENSE_FILE_MALFORMED'],
    ['no key', { ...licenseFile(), signedKey: undefined }, 'LICENSE_FILE_MALFORMED'],
    ['another key than its token', { ...licenseFile(), signedKey: 'OTHER' }, 'LICENSE_FILE_MALFORMED'],
    ['128 KiB and a byte', `${JSON.stringify(licenseFile())}${' '.repeat(131_072)}`, 'LICENSE_FILE_MALFORMED'],
    ['an oversized token', { ...licenseFile(), licenseToken: 'A'.repeat(70_000) }, 'TOKEN_MALFORMED'],
    ['another host', licenseFile({ machine: 'host-b' }), 'TOKEN_WRONG_HOST'],
    ['another product', licenseFile({ aud: 'other', productId: 'other' }), 'TOKEN_WRONG_PRODUCT'],
    ['another issuer', licenseFile({ iss: 'else' }), 'TOKEN_CLAIMS'],
    ['another typ', licenseFile({}, { typ: 'at+jwt' }), 'TOKEN_CLAIMS'],
    ["a revocation list's typ", licenseFile({}, { typ: REVOCATION_LIST_TYP }), 'TOKEN_CLAIMS'],
    ['alg none', licenseFile({}, { alg: 'none' }), 'TOKEN_ALGORITHM'],
    ['alg HS256', licenseFile({}, { alg: 'HS256' }), 'TOKEN_ALGORITHM'],
    ['an unknown key', licenseFile({}, {}, createSigningKey()), 'TOKEN_KEY_UNKNOWN'],
    ['a foreign key under a known kid', licenseFile({}, { kid: key.kid }, createSigningKey()), 'TOKEN_SIGNATURE'],
  ])('refuses %s', async (_, content, code) => {
    const { only, write } = await setUp()
    expect(await codeOf(only.importLicenseFile(await write(content)))).toBe(code)
    expect(await only.check()).toMatchObject({ status: 'not-activated', reason: 'NO_LICENSE' })
  })

  it('refuses every changed character of the token', async () => {
    const { only, write } = await setUp()
    const file = licenseFile()
    const { licenseToken } = file
    for (let at = 0; at < licenseToken.length; at += 7) {
      const changed = `${licenseToken.slice(0, at)}${licenseToken[at] === 'A' ? 'B' : 'A'}${licenseToken.slice(at + 1)}`
      const code = await codeOf(only.importLicenseFile(await write({ ...file, licenseToken: changed })))
      expect(code).toMatch(/^(TOKEN_|LICENSE_FILE_MALFORMED)/)
    }
    expect(await only.check()).toMatchObject({ status: 'not-activated' })
  })

  it('says what is wrong with the path', async () => {
    const { only, dir } = await setUp()
    await mkdir(path.join(dir, 'folder'))
    for (const wrong of ['missing.lic', 'folder', 'nul\0']) {
      const error = await only.importLicenseFile(path.join(dir, wrong)).catch((thrown: unknown) => thrown)
      expect(isLicenseError(error, 'FILE_UNREADABLE') && error.cause).toBeInstanceOf(Error)
    }
    await expect(only.importLicenseFile(undefined as never)).rejects.toThrow(TypeError)
  })

  it('an outdated file is stored, and expired', async () => {
    const { only, write, clock } = await setUp()
    clock.now = later(400 * DAY)
    expect(await only.importLicenseFile(await write(licenseFile()))).toMatchObject({
      status: 'expired',
      refreshDue: true,
    })
  })

  it('a file on the revocation list is refused, whether it came before the list or after', async () => {
    const { only, write } = await setUp()
    const file = await write(licenseFile())
    await only.importLicenseFile(file)
    const revoked = {
      iss: 'keyslot',
      iat,
      product: null,
      entries: [[revocationId(LICENSE_ID), NOW.getTime(), iat + DAY]],
    }
    const list = signToken(key, revoked, { typ: REVOCATION_LIST_TYP })
    expect(await only.importRevocationList(list)).toMatchObject({ status: 'revoked', reason: 'REVOKED' })
    await only.deactivate()
    expect(await codeOf(only.importLicenseFile(file))).toBe('LICENSE_REVOKED')
    expect(await only.check()).toMatchObject({ status: 'not-activated' })
  })

  it('a newer file takes over; an older one, or the same, changes nothing', async () => {
    const { only, write, clock, dataDir } = await setUp()
    const older = await write(licenseFile())
    const newer = await write(licenseFile({ iat: iat + 100 * DAY }))
    await only.importLicenseFile(older)
    clock.now = later(100 * DAY)
    expect(await only.importLicenseFile(newer)).toMatchObject({ tokenExpiresAt: later(465 * DAY) })
    const stored = await readFile(path.join(dataDir, 'license.json'), 'utf8')
    for (const again of [older, newer]) {
      expect(await only.importLicenseFile(again)).toMatchObject({ tokenExpiresAt: later(465 * DAY) })
    }
    expect(await readFile(path.join(dataDir, 'license.json'), 'utf8')).toBe(stored)
  })

  it('importing again does not undo a clock turned back: the budget lasts once, also with files in turn', async () => {
    const { only, kit, write, clock } = await setUp()
    const long = await write(licenseFile())
    const short = await write(licenseFile({ iat: iat + 10 * DAY, exp: iat + 60 * DAY }))
    await only.importLicenseFile(long)
    clock.now = later(50 * DAY)
    await only.importLicenseFile(short)
    clock.now = later(360 * DAY)
    await only.importLicenseFile(long)
    await only.check()
    clock.now = later(20 * DAY)
    for (const file of [short, long, short, long]) {
      expect(await kit().importLicenseFile(file)).toMatchObject({ status: 'valid', refreshDue: true })
    }
    clock.now = later(27 * DAY)
    for (const file of [short, long, short, long]) {
      expect(await kit().importLicenseFile(file)).toMatchObject({ status: 'clock-tampered', usable: false })
    }
  })

  it('after a clock that ran ahead, a file signed later gives the budget anew, once', async () => {
    const { only, write, clock } = await setUp()
    await only.importLicenseFile(await write(licenseFile()))
    clock.now = later(300 * DAY)
    await only.check()
    clock.now = later(5 * DAY)
    expect(await only.check()).toMatchObject({ status: 'valid', refreshDue: true })
    clock.now = later(12 * DAY)
    expect(await only.check()).toMatchObject({ status: 'clock-tampered' })
    const fresh = await write(licenseFile({ iat: iat + 11 * DAY }))
    expect(await only.importLicenseFile(fresh)).toMatchObject({ status: 'valid', refreshDue: true })
    clock.now = later(18 * DAY)
    expect(await only.check()).toMatchObject({ status: 'valid' })
    clock.now = later(19.1 * DAY)
    expect(await only.importLicenseFile(fresh)).toMatchObject({ status: 'clock-tampered' })
  })
})

describe('a license file where a server is reachable after all', () => {
  async function online() {
    const server = await startLicenseServer(key)
    server.activeHosts.add(HOST_ID)
    const desk = await setUp({ serverUrl: server.url, fetch: undefined })
    await desk.only.importLicenseFile(await desk.write(licenseFile()))
    const at = (seconds: number) => {
      desk.clock.now = later(seconds)
      server.now = desk.clock.now
    }
    return { ...desk, server, at }
  }

  it('refresh keeps the longer file token while it grants the same', async () => {
    const { only, at } = await online()
    at(5 * DAY)
    expect(await only.refresh()).toMatchObject({ status: 'valid', tokenExpiresAt: later(YEAR), refreshDue: false })
    at(360 * DAY)
    expect(await only.refresh()).toMatchObject({ status: 'valid', tokenExpiresAt: later(374 * DAY) })
  })

  it('refresh takes a token that grants something else, or is of another generation', async () => {
    const { only, server, at } = await online()
    at(5 * DAY)
    server.claims = { license: { ...createClaims().license, entitlements: ['export', 'import'] } }
    expect((await only.refresh()).license?.entitlements).toEqual(['export', 'import'])

    const other = await online()
    other.server.claims = { jti: 'jti-1.1' }
    expect(await other.only.refresh()).toMatchObject({ tokenExpiresAt: later(14 * DAY) })
  })

  it('refresh heals a clock that ran ahead', async () => {
    const { only, clock, at } = await online()
    clock.now = later(300 * DAY)
    await only.check()
    at(5 * DAY)
    expect(await only.check()).toMatchObject({ status: 'valid', refreshDue: true })
    expect(await only.refresh()).toMatchObject({ status: 'valid', tokenExpiresAt: later(YEAR), refreshDue: false })
  })

  it('a definite no is not undone by importing the same file; a file signed after it is taken', async () => {
    const { only, kit, server, at, write, dataDir } = await online()
    at(5 * DAY)
    server.verdict = { code: 0, valid: false, reason: 'revoked' }
    expect(await only.refresh()).toMatchObject({ status: 'revoked', reason: 'REVOKED' })
    const again = kit({ fetch: () => Promise.reject(new TypeError('fetch failed')) })
    expect(await codeOf(again.importLicenseFile(await write(licenseFile())))).toBe('LICENSE_REVOKED')
    expect(await again.check()).toMatchObject({ status: 'revoked' })
    expect(await readFile(path.join(dataDir, 'license.json'), 'utf8')).not.toContain(LICENSE_KEY)
    const pardon = await write(licenseFile({ iat: iat + 6 * DAY }))
    at(6 * DAY)
    expect(await again.importLicenseFile(pardon)).toMatchObject({ status: 'valid' })
  })

  it('deactivate frees its slot, and a ticket left offline is torn up by importing again', async () => {
    const { only, server, kit, write, dataDir } = await online()
    expect(await only.deactivate()).toMatchObject({ outcome: 'freed' })
    expect(server.activeHosts.size).toBe(0)

    const offline = kit({ fetch: () => Promise.reject(new TypeError('fetch failed')) })
    await offline.importLicenseFile(await write(licenseFile()))
    expect(await offline.deactivate()).toMatchObject({ outcome: 'queued-offline' })
    await offline.importLicenseFile(await write(licenseFile()))
    server.activeHosts.add(HOST_ID)
    expect(await kit().refresh()).toMatchObject({ status: 'valid' })
    expect(server.activeHosts.size).toBe(1)
    await rm(dataDir, { recursive: true, force: true })
  })
})
