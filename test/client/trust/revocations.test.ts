import { createHmac } from 'node:crypto'
import { cp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { isLicenseError, type LicenseErrorCode, type LicenseKitOptions } from '../../../src/client'
import { REVOCATION_LIST_TYP } from '../../../src/protocol'
import { createDesk, later } from '../desk'
import { codeOf } from '../error-code'
import { type FakeLicenseServer, PUBLISHABLE_TOKEN } from '../fake-license-server'
import { compileScript, START_BARRIER, startTogether } from '../processes'
import { temporaryDir } from '../temporary-dir'
import {
  createClaims,
  createSigningKey,
  DAY,
  encode,
  HOST_ID,
  LICENSE_KEY,
  NOW,
  PRODUCT_ID,
  type SigningKey,
  signToken,
} from '../token-factory'

const JTI = createClaims().jti
const iat = createClaims().iat
/** A list as the server signs it. */
function signList(key: SigningKey, version: number, revoked: unknown = [], changes: object = {}, header: object = {}) {
  return signToken(key, { iss: 'keyslot', iat, version, revoked, ...changes }, { typ: REVOCATION_LIST_TYP, ...header })
}

async function setUp(changes: Partial<LicenseKitOptions> = {}, key = createSigningKey()) {
  const { start: kit, ...desk } = await createDesk({ tryTimeoutMs: 500, ...changes }, key)
  const only = kit()
  await only.activate(LICENSE_KEY)
  const list = (version: number, revoked: unknown = [], more: object = {}, header: object = {}) =>
    signList(desk.server.key, version, revoked, more, header)
  return { ...desk, kit, only, list }
}

const licenseFileOf = (dataDir: string) => path.join(dataDir, 'license.json')
const listFileOf = (dataDir: string) => path.join(dataDir, 'revocations.jws')

describe('refresh', () => {
  it('fetches key set and list after the main answer, without the access token', async () => {
    const { only, server, list } = await setUp()
    server.revocationList = list(3, ['somebody else'])
    expect(await only.refresh()).toMatchObject({ status: 'valid' })
    const [validate, ...published] = server.requests.slice(-3)
    expect(validate?.path).toBe('/licensing/key/validate')
    expect(published.map(({ path: asked, headers }) => [asked, headers.authorization])).toEqual([
      ['/licensing/.well-known/jwks.json', undefined],
      ['/licensing/.well-known/revocations.jws', undefined],
    ])
    expect(await only.revocationList()).toEqual({ version: 3, signedAt: NOW, lastProblem: null })
  })

  it('a listed token is revoked, cleared, and stays so at every later start, offline', async () => {
    const { only, kit, server, list, dataDir } = await setUp()
    server.revocationList = list(3, [JTI])
    expect(await only.refresh()).toMatchObject({ status: 'revoked', reason: 'REVOKED', usable: false })
    await server.close()
    expect(await kit().check()).toMatchObject({ status: 'revoked', reason: 'REVOKED' })
    expect(await readFile(licenseFileOf(dataDir), 'utf8')).not.toContain(LICENSE_KEY)
  })

  it('a cache restored after deactivation is refused, without contact', async () => {
    const { only, kit, server, list, dataDir } = await setUp()
    server.revocationList = list(3)
    await only.refresh()
    const backup = await temporaryDir()
    await cp(licenseFileOf(dataDir), licenseFileOf(backup))
    await only.deactivate()
    server.revocationList = list(4, [JTI])
    expect(await only.refresh()).toMatchObject({ status: 'not-activated' })
    await server.close()
    for (let times = 0; times < 2; times++) {
      await cp(licenseFileOf(backup), licenseFileOf(dataDir))
      expect(await only.check()).toMatchObject({ status: 'revoked', reason: 'REVOKED' })
      await cp(licenseFileOf(backup), licenseFileOf(dataDir))
      expect(await kit().check()).toMatchObject({ status: 'revoked' })
    }
  })

  it('does not ask where there was no contact, nor where nothing is or was', async () => {
    const { only, kit, server } = await setUp()
    server.fault = (response) => response.writeHead(503).end() !== undefined
    await only.refresh()
    server.fault = undefined
    await kit({ dataDir: await temporaryDir() }).refresh()
    expect(server.requests.filter(({ path: asked }) => asked.includes('well-known'))).toEqual([])
  })

  it.each<[string, (server: FakeLicenseServer) => void, LicenseErrorCode]>([
    ['none there', () => undefined, 'SERVER_UNREACHABLE'],
    ['a captive portal', (server) => Object.assign(server, { revocationList: '<html>' }), 'REVOCATION_LIST_MALFORMED'],
    [
      'an unknown key',
      (server) => Object.assign(server, { revocationList: signList(createSigningKey(), 9, [JTI]) }),
      'REVOCATION_LIST_UNTRUSTED',
    ],
    [
      'an older version',
      (server) => Object.assign(server, { revocationList: signList(server.key, 2, [JTI]) }),
      'REVOCATION_LIST_OUTDATED',
    ],
    [
      'a black hole',
      (server) => {
        server.fault = (_, request) => request.path.includes('well-known')
      },
      'SERVER_UNREACHABLE',
    ],
    [
      'a redirect',
      (server) => {
        server.fault = (response, request) =>
          request.path.includes('well-known') && response.writeHead(302, { location: '/x' }).end() !== undefined
      },
      'SERVER_UNREACHABLE',
    ],
    [
      'one too large to read',
      (server) => {
        server.fault = (response, request) =>
          request.path.includes('well-known') &&
          response.writeHead(200, { 'content-length': 5_000_000 }).write('eyJ') !== undefined
      },
      'SERVER_UNREACHABLE',
    ],
  ])('ignores %s, says why, and is not held up', async (_, change, problem) => {
    const { only, server, list } = await setUp()
    await only.importRevocationList(list(3))
    change(server)
    const startedAt = performance.now()
    expect(await only.refresh()).toMatchObject({ status: 'valid' })
    expect(performance.now() - startedAt).toBeLessThan(1_500)
    expect(await only.revocationList()).toEqual({ version: 3, signedAt: NOW, lastProblem: problem })
  })
})

describe('importRevocationList', () => {
  it('takes a file or the signed text', async () => {
    const { only, list, dataDir } = await setUp()
    const file = path.join(await temporaryDir(), 'revocations.jws')
    await writeFile(file, `\uFEFF${list(3)}\r\n`)
    expect(await only.importRevocationList(file)).toMatchObject({ status: 'valid' })
    expect(await only.importRevocationList(` ${list(4, [JTI])}\n`)).toMatchObject({ status: 'revoked' })
    expect((await only.revocationList()).version).toBe(4)
    expect((await readdir(dataDir)).sort()).toEqual(['license.json', 'revocations.jws'])
    expect(await codeOf(only.importRevocationList(path.join(dataDir, 'missing')))).toBe('FILE_UNREADABLE')
    await expect(only.importRevocationList(undefined as never)).rejects.toThrow(TypeError)
  })

  it('the list outlives deactivate', async () => {
    const { only, list, dataDir } = await setUp()
    await only.importRevocationList(list(4, ['jti-2']))
    await only.deactivate()
    expect(await readdir(dataDir)).toEqual(['revocations.jws'])
    expect(await only.check()).toMatchObject({ status: 'not-activated' })
  })

  it('a new activation is not on it: usable again', async () => {
    const { only, server, list } = await setUp()
    await only.importRevocationList(list(4, [JTI]))
    server.claims = { jti: 'jti-2' }
    expect(await only.activate(LICENSE_KEY)).toMatchObject({ status: 'valid' })
  })

  const key = createSigningKey()
  const unsigned = (alg: string) =>
    `${encode({ alg, kid: key.kid, typ: REVOCATION_LIST_TYP })}.${encode({ iss: 'keyslot', iat, version: 9, revoked: [] })}.`
  const hmac = () => {
    const input = `${encode({ alg: 'HS256', kid: key.kid, typ: REVOCATION_LIST_TYP })}.${encode({ version: 9 })}`
    return `${input}.${createHmac('sha256', Buffer.from(key.jwk.x, 'base64url')).update(input).digest('base64url')}`
  }

  it.each<[string, () => string, LicenseErrorCode]>([
    ['an older version', () => signList(key, 2, [JTI]), 'REVOCATION_LIST_OUTDATED'],
    ['version 0', () => signList(key, 0, [JTI]), 'REVOCATION_LIST_OUTDATED'],
    ['alg none', () => unsigned('none'), 'REVOCATION_LIST_UNTRUSTED'],
    ['HS256 keyed with the public key', hmac, 'REVOCATION_LIST_UNTRUSTED'],
    ['alg Ed25519', () => signList(key, 9, [], {}, { alg: 'Ed25519' }), 'REVOCATION_LIST_UNTRUSTED'],
    ['an unknown key', () => signList(createSigningKey(), 9), 'REVOCATION_LIST_UNTRUSTED'],
    ['no kid', () => signList(key, 9, [], {}, { kid: undefined }), 'REVOCATION_LIST_UNTRUSTED'],
    [
      'a foreign key under a known kid',
      () => signList(createSigningKey(), 9, [], {}, { kid: key.kid }),
      'REVOCATION_LIST_UNTRUSTED',
    ],
    ['an embedded jwk', () => signList(createSigningKey(), 9, [], {}, { jwk: key.jwk }), 'REVOCATION_LIST_UNTRUSTED'],
    ['a crit extension', () => signList(key, 9, [], {}, { crit: ['x'], x: 1 }), 'REVOCATION_LIST_MALFORMED'],
    ['a license token', () => signToken(key, createClaims()), 'REVOCATION_LIST_MALFORMED'],
    [
      'a license token with the fields of a list',
      () => signToken(key, { ...createClaims(), version: 9, revoked: [] }),
      'REVOCATION_LIST_MALFORMED',
    ],
    ['another issuer', () => signList(key, 9, [], { iss: 'else' }), 'REVOCATION_LIST_MALFORMED'],
    ['no typ', () => signList(key, 9, [], {}, { typ: undefined }), 'REVOCATION_LIST_MALFORMED'],
    ['no version', () => signList(key, 9, [], { version: undefined }), 'REVOCATION_LIST_MALFORMED'],
    ['a version that is a string', () => signList(key, 9, [], { version: '9' }), 'REVOCATION_LIST_MALFORMED'],
    ['an endless version', () => signList(key, 9, [], { version: 1e300 }), 'REVOCATION_LIST_MALFORMED'],
    ['no iat', () => signList(key, 9, [], { iat: undefined }), 'REVOCATION_LIST_MALFORMED'],
    ['entries that are numbers', () => signList(key, 9, [1]), 'REVOCATION_LIST_MALFORMED'],
    ['entries that are an object', () => signList(key, 9, { length: 0 }), 'REVOCATION_LIST_MALFORMED'],
    ['more than 4 MiB', () => `eyJ${'A'.repeat(4_194_304)}.a.a`, 'REVOCATION_LIST_MALFORMED'],
    ['another spelling of the signature', () => `${signList(key, 9)}=`, 'REVOCATION_LIST_MALFORMED'],
  ])('refuses %s and keeps what it knows', async (_, text, code) => {
    const { only, kit } = await setUp({}, key)
    await only.importRevocationList(signList(key, 3, ['somebody else']))
    expect(await codeOf(only.importRevocationList(text()))).toBe(code)
    expect((await kit().revocationList()).version).toBe(3)
    expect(await kit().check()).toMatchObject({ status: 'valid' })
  })

  it('a list presented as a license token grants nothing', async () => {
    const { kit, list, dataDir } = await setUp()
    const record = JSON.parse(await readFile(licenseFileOf(dataDir), 'utf8'))
    const licenseToken = list(9, [], createClaims())
    await writeFile(licenseFileOf(dataDir), JSON.stringify({ ...record, licenseToken }))
    expect(await kit().check()).toMatchObject({ status: 'untrusted', reason: 'TOKEN_CLAIMS' })
  })

  it('proves the time it was signed at', async () => {
    const { only, kit, list, clock } = await setUp()
    await only.importRevocationList(list(3, [], { iat: iat + 5 * DAY }))
    expect(await kit().check()).toMatchObject({ status: 'clock-tampered' })
    clock.now = later(5 * DAY)
    expect(await kit().check()).toMatchObject({ status: 'valid' })
  })

  it('a list file edited, torn or put back to an older one: what this process knows still counts', async () => {
    const { only, kit, list, dataDir } = await setUp()
    const older = list(3)
    await only.importRevocationList(list(4, [JTI]))
    for (const text of [older, 'torn', '']) {
      await writeFile(listFileOf(dataDir), text)
      expect(await codeOf(only.importRevocationList(older))).toBe('REVOCATION_LIST_OUTDATED')
    }
    await rm(listFileOf(dataDir))
    expect(await kit().check()).toMatchObject({ status: 'revoked' })
  })

  it('several kits taking lists at once keep the newest', async () => {
    const { kit, list } = await setUp()
    const versions = [5, 9, 1, 7, 3, 8, 2, 6, 4]
    await Promise.all(
      versions.map((version) =>
        kit()
          .importRevocationList(list(version))
          .catch((error: unknown) => isLicenseError(error, 'REVOCATION_LIST_OUTDATED') || expect.fail(String(error))),
      ),
    )
    expect((await kit().revocationList()).version).toBe(9)
  })

  it('several processes taking lists at once keep the newest', async () => {
    const { kit, list, server, dataDir } = await setUp()
    const app = await compileScript(`
      import { createLicenseKit } from '../../src/client'
      ${START_BARRIER}
      const [options, text] = process.argv.slice(2)
      const kit = createLicenseKit(JSON.parse(options))
      await kit.check()
      await startBarrier()
      console.log(await kit.importRevocationList(text).then(({ status }) => status, ({ code }) => code))
    `)
    const options = JSON.stringify({
      serverUrl: server.url,
      productId: PRODUCT_ID,
      accessToken: PUBLISHABLE_TOKEN,
      trustedKeys: [server.key.jwk],
      appName: 'acme-editor',
      dataDir,
      hostId: HOST_ID,
    })
    for (let round = 1; round <= 5; round++) {
      const versions = [8, 6, 4, 2].map((step) => round * 10 + step)
      const printed = await startTogether(versions.map((version) => app([options, list(version)])))
      for (const text of printed)
        expect(['clock-tampered', 'valid', 'expired', 'REVOCATION_LIST_OUTDATED']).toContain(text)
      expect((await kit().revocationList()).version).toBe(round * 10 + 8)
    }
  })

  it('works from memory where nothing can be written', async () => {
    const file = path.join(await temporaryDir(), 'a-file')
    await writeFile(file, '')
    const { only, list } = await setUp({ dataDir: path.join(file, 'below') })
    expect(await only.importRevocationList(list(3, [JTI]))).toMatchObject({ status: 'revoked' })
    expect((await only.revocationList()).version).toBe(3)
  })
})
