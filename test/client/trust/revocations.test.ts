import { createHmac } from 'node:crypto'
import { cp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import type { LicenseErrorCode, LicenseKitOptions } from '../../../src/client'
import { type LicenseTokenClaims, REVOCATION_LIST_TYP, type RevocationEntry, revocationId } from '../../../src/protocol'
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
  LICENSE_ID,
  LICENSE_KEY,
  NOW,
  PRODUCT_ID,
  type SigningKey,
  signToken,
} from '../token-factory'

const { iat, stamp } = createClaims()
const END = iat + 30 * DAY
/** What ends the tokens of this very host. */
const OURS: RevocationEntry = [revocationId(LICENSE_ID, HOST_ID), stamp, END]
const OTHERS: RevocationEntry = [revocationId('lic_2'), stamp, END]

/** A list as the server signs it. */
function signList(key: SigningKey, entries: unknown = [], changes: object = {}, header: object = {}) {
  const claims = { iss: 'keyslot', iat, product: PRODUCT_ID, entries, ...changes }
  return signToken(key, claims, { typ: REVOCATION_LIST_TYP, ...header })
}

async function setUp(changes: Partial<LicenseKitOptions> = {}, key = createSigningKey()) {
  const { start: kit, ...desk } = await createDesk({ tryTimeoutMs: 3_000, ...changes }, key)
  const only = kit()
  await only.activate(LICENSE_KEY)
  const list = (entries: unknown = [], more: object = {}, header: object = {}) =>
    signList(desk.server.key, entries, more, header)
  return { ...desk, kit, only, list }
}

const licenseFileOf = (dataDir: string) => path.join(dataDir, 'license.json')
const listFileOf = (dataDir: string) => path.join(dataDir, 'revocations.jws')

describe('refresh', () => {
  it('fetches key set and list after the main answer, without the access token', async () => {
    const { only, server, list } = await setUp()
    server.revocationList = list([OTHERS])
    expect(await only.refresh()).toMatchObject({ status: 'valid' })
    const [validate, ...published] = server.requests.slice(-3)
    expect(validate?.path).toBe('/licensing/key/validate')
    expect(published.map(({ path: asked, headers }) => [asked, headers.authorization])).toEqual([
      ['/licensing/.well-known/jwks.json', undefined],
      [`/licensing/.well-known/revocations/${PRODUCT_ID}.jws`, undefined],
    ])
    expect(await only.revocationList()).toEqual({ signedAt: NOW, lastProblem: null })
  })

  it('a listed token is revoked, cleared, and stays so at every later start, offline', async () => {
    const { only, kit, server, list, dataDir } = await setUp()
    server.revocationList = list([OURS])
    expect(await only.refresh()).toMatchObject({ status: 'revoked', reason: 'REVOKED', usable: false })
    await server.close()
    expect(await kit().check()).toMatchObject({ status: 'revoked', reason: 'REVOKED' })
    expect(JSON.parse(await readFile(licenseFileOf(dataDir), 'utf8'))).not.toHaveProperty('licenseToken')
  })

  it('a cache restored after deactivation is refused, without contact', async () => {
    const { only, kit, server, list, dataDir } = await setUp()
    server.revocationList = list()
    await only.refresh()
    const backup = await temporaryDir()
    await cp(licenseFileOf(dataDir), licenseFileOf(backup))
    await only.deactivate()
    server.revocationList = list([OURS], { iat: iat + 60 })
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
      (server) => Object.assign(server, { revocationList: signList(createSigningKey(), [OURS]) }),
      'REVOCATION_LIST_UNTRUSTED',
    ],
    [
      'the list of another product',
      (server) => Object.assign(server, { revocationList: signList(server.key, [OURS], { product: 'prod_other' }) }),
      'REVOCATION_LIST_MALFORMED',
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
          response.writeHead(200, { 'content-length': 9_000_000 }).write('eyJ') !== undefined
      },
      'SERVER_UNREACHABLE',
    ],
  ])('ignores %s, says why, and is not held up', async (_, change, problem) => {
    const { only, server, list } = await setUp()
    await only.importRevocationList(list())
    change(server)
    const startedAt = performance.now()
    expect(await only.refresh()).toMatchObject({ status: 'valid' })
    expect(performance.now() - startedAt).toBeLessThan(12_000)
    expect(await only.revocationList()).toEqual({ signedAt: NOW, lastProblem: problem })
  })
})

describe('importRevocationList', () => {
  it('takes a file or the signed text', async () => {
    const { only, list, dataDir } = await setUp()
    const file = path.join(await temporaryDir(), 'revocations.jws')
    await writeFile(file, `\uFEFF${list()}\r\n`)
    expect(await only.importRevocationList(file)).toMatchObject({ status: 'valid' })
    expect(await only.importRevocationList(` ${list([OURS], { iat: iat + 60 })}\n`)).toMatchObject({
      status: 'revoked',
    })
    expect((await only.revocationList()).signedAt).toEqual(later(60))
    expect((await readdir(dataDir)).sort()).toEqual(['license.json', 'proof-key.json', 'revocations.jws'])
    expect(await codeOf(only.importRevocationList(path.join(dataDir, 'missing')))).toBe('FILE_UNREADABLE')
    await expect(only.importRevocationList(undefined as never)).rejects.toThrow(TypeError)
  })

  it('the list outlives deactivate', async () => {
    const { only, list, dataDir } = await setUp()
    await only.importRevocationList(list([OTHERS]))
    await only.deactivate()
    expect(await readdir(dataDir)).toEqual(['revocations.jws'])
    expect(await only.check()).toMatchObject({ status: 'not-activated' })
  })

  it('a new activation is not on it: usable again', async () => {
    const { only, server, list } = await setUp()
    await only.importRevocationList(list([OURS]))
    server.claims = { jti: 'jti-2', stamp: stamp + 1 }
    expect(await only.activate(LICENSE_KEY)).toMatchObject({ status: 'valid' })
  })

  const key = createSigningKey()
  const unsigned = (alg: string) =>
    `${encode({ alg, kid: key.kid, typ: REVOCATION_LIST_TYP })}.${encode({ iss: 'keyslot', iat, product: null, entries: [] })}.`
  const hmac = () => {
    const input = `${encode({ alg: 'HS256', kid: key.kid, typ: REVOCATION_LIST_TYP })}.${encode({ product: null })}`
    return `${input}.${createHmac('sha256', Buffer.from(key.jwk.x, 'base64url')).update(input).digest('base64url')}`
  }

  it.each<[string, () => string, LicenseErrorCode]>([
    ['the list of another product', () => signList(key, [], { product: 'prod_other' }), 'REVOCATION_LIST_MALFORMED'],
    ['a list of no product', () => signList(key, [], { product: undefined }), 'REVOCATION_LIST_MALFORMED'],
    ['alg none', () => unsigned('none'), 'REVOCATION_LIST_UNTRUSTED'],
    ['HS256 keyed with the public key', hmac, 'REVOCATION_LIST_UNTRUSTED'],
    ['alg Ed25519', () => signList(key, [], {}, { alg: 'Ed25519' }), 'REVOCATION_LIST_UNTRUSTED'],
    ['an unknown key', () => signList(createSigningKey()), 'REVOCATION_LIST_UNTRUSTED'],
    ['no kid', () => signList(key, [], {}, { kid: undefined }), 'REVOCATION_LIST_UNTRUSTED'],
    [
      'a foreign key under a known kid',
      () => signList(createSigningKey(), [], {}, { kid: key.kid }),
      'REVOCATION_LIST_UNTRUSTED',
    ],
    ['an embedded jwk', () => signList(createSigningKey(), [], {}, { jwk: key.jwk }), 'REVOCATION_LIST_UNTRUSTED'],
    ['a crit extension', () => signList(key, [], {}, { crit: ['x'], x: 1 }), 'REVOCATION_LIST_MALFORMED'],
    ['a license token', () => signToken(key, createClaims()), 'REVOCATION_LIST_MALFORMED'],
    [
      'a license token with the fields of a list',
      () => signToken(key, { ...createClaims(), product: null, entries: [] }),
      'REVOCATION_LIST_MALFORMED',
    ],
    ['another issuer', () => signList(key, [], { iss: 'else' }), 'REVOCATION_LIST_MALFORMED'],
    ['no typ', () => signList(key, [], {}, { typ: undefined }), 'REVOCATION_LIST_MALFORMED'],
    ['a stamp that is a string', () => signList(key, [['id', '9', END]]), 'REVOCATION_LIST_MALFORMED'],
    ['an endless stamp', () => signList(key, [['id', 1e300, END]]), 'REVOCATION_LIST_MALFORMED'],
    ['an entry without an end', () => signList(key, [['id', stamp]]), 'REVOCATION_LIST_MALFORMED'],
    ['an entry without an id', () => signList(key, [['', stamp, END]]), 'REVOCATION_LIST_MALFORMED'],
    ['no iat', () => signList(key, [], { iat: undefined }), 'REVOCATION_LIST_MALFORMED'],
    ['entries that are numbers', () => signList(key, [1]), 'REVOCATION_LIST_MALFORMED'],
    ['entries that are an object', () => signList(key, { length: 0 }), 'REVOCATION_LIST_MALFORMED'],
    ['more than 8 MiB', () => `eyJ${'A'.repeat(8_388_608)}.a.a`, 'REVOCATION_LIST_MALFORMED'],
    ['another spelling of the signature', () => `${signList(key)}=`, 'REVOCATION_LIST_MALFORMED'],
  ])('refuses %s and keeps what it knows', async (_, text, code) => {
    const { only, kit } = await setUp({}, key)
    await only.importRevocationList(signList(key, [OTHERS]))
    expect(await codeOf(only.importRevocationList(text()))).toBe(code)
    expect((await kit().revocationList()).signedAt).toEqual(NOW)
    expect(await kit().check()).toMatchObject({ status: 'valid' })
  })

  it('a list presented as a license token grants nothing', async () => {
    const { kit, list, dataDir } = await setUp()
    const record = JSON.parse(await readFile(licenseFileOf(dataDir), 'utf8'))
    const licenseToken = list([], createClaims())
    await writeFile(licenseFileOf(dataDir), JSON.stringify({ ...record, licenseToken }))
    expect(await kit().check()).toMatchObject({ status: 'untrusted', reason: 'TOKEN_CLAIMS' })
  })

  it('proves no time', async () => {
    const { only, kit, list } = await setUp()
    await only.importRevocationList(list([], { iat: iat + 5 * DAY }))
    expect(await kit().check()).toMatchObject({ status: 'valid' })
  })

  it('a list file edited, torn or put back to an older one: what this process knows still counts', async () => {
    const { only, kit, list, dataDir } = await setUp()
    const older = list()
    await only.importRevocationList(list([OURS], { iat: iat + 60 }))
    for (const text of [older, 'torn', '']) {
      await writeFile(listFileOf(dataDir), text)
      expect(await only.importRevocationList(older)).toMatchObject({ status: 'revoked' })
    }
    await rm(listFileOf(dataDir))
    expect(await kit().check()).toMatchObject({ status: 'revoked' })
  })

  it('several kits taking lists at once keep the newest', async () => {
    const { kit, list } = await setUp()
    const ages = [5, 9, 1, 7, 3, 8, 2, 6, 4]
    await Promise.all(ages.map((age) => kit().importRevocationList(list([], { iat: iat + age }))))
    expect((await kit().revocationList()).signedAt).toEqual(later(9))
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
      const ages = [8, 6, 4, 2].map((step) => round * 10 + step)
      const printed = await startTogether(ages.map((age) => app([options, list([], { iat: iat + age })])))
      for (const text of printed) expect(['clock-tampered', 'valid', 'expired']).toContain(text)
      expect((await kit().revocationList()).signedAt).toEqual(later(round * 10 + 8))
    }
  })

  it('works from memory where nothing can be written', async () => {
    const file = path.join(await temporaryDir(), 'a-file')
    await writeFile(file, '')
    const { only, list } = await setUp({ dataDir: path.join(file, 'below') })
    expect(await only.importRevocationList(list([OURS]))).toMatchObject({ status: 'revoked' })
    expect((await only.revocationList()).signedAt).toEqual(NOW)
  })
})

describe('what a list revokes', () => {
  const thumbprint = 'x'.repeat(43)
  const table: readonly [string, RevocationEntry[], Partial<LicenseTokenClaims>, boolean][] = [
    ['its license', [[revocationId(LICENSE_ID), stamp, END]], {}, true],
    ['another license', [[revocationId('lic_2'), stamp, END]], {}, false],
    ['its host', [OURS], {}, true],
    ['another host of it', [[revocationId(LICENSE_ID, 'host-b'), stamp, END]], {}, false],
    ['this host of another license', [[revocationId('lic_2', HOST_ID), stamp, END]], {}, false],
    ['a key, where the token names none', [[revocationId(LICENSE_ID, HOST_ID, thumbprint), stamp, END]], {}, false],
    ['what was given out in the same millisecond', [OURS], { stamp }, true],
    ['what was given out before', [OURS], { stamp: stamp - 1 }, true],
    ['what was given out after', [OURS], { stamp: stamp + 1 }, false],
    ['one of two, the higher stamp last', [[OURS[0], stamp - 1, END], OURS], {}, true],
    ['what has ended', [[OURS[0], stamp, iat - 1]], {}, true],
  ]
  it.each(table)('%s', async (_, entries, claims, isRevoked) => {
    const { server, start } = await createDesk()
    Object.assign(server.claims, claims)
    const kit = start()
    await kit.activate(LICENSE_KEY)
    await kit.importRevocationList(signList(server.key, entries))
    expect((await kit.check()).status).toBe(isRevoked ? 'revoked' : 'valid')
  })
})
