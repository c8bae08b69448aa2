// Longer than other files: one key set, and every way that the network may try to change it.

import { createHmac } from 'node:crypto'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { diagnose, type LicenseErrorCode, type LicenseKitOptions } from '../../../src/client'
import { KEY_STATEMENT_TYP, REVOCATION_LIST_TYP, revocationId } from '../../../src/protocol'
import { createDesk, type Desk } from '../desk'
import { codeOf } from '../error-code'
import { PUBLISHABLE_TOKEN } from '../fake-license-server'
import { compileScript, START_BARRIER, startTogether } from '../processes'
import { temporaryDir } from '../temporary-dir'
import {
  createClaims,
  createSigningKey,
  encode,
  HOST_ID,
  LICENSE_ID,
  LICENSE_KEY,
  NOW,
  PRODUCT_ID,
  type SigningKey,
  signToken,
} from '../token-factory'

const FILE = 'trusted-keys.jws'
const iat = createClaims().iat
const jwks = (keys: readonly SigningKey[]) => keys.map(({ jwk }) => jwk)

/** A statement as the server signs it. */
function state(by: SigningKey, version: number, keys: unknown, changes: object = {}, header: object = {}): string {
  const claims = { iss: 'keyslot', iat, version, keys, revoked: [], ...changes }
  return signToken(by, claims, { typ: KEY_STATEMENT_TYP, ...header })
}

/** A key set as the server publishes it. */
function keySet(keys: readonly SigningKey[], statements?: unknown): string {
  return JSON.stringify({ keys: keys.map(({ jwk, kid }) => ({ ...jwk, kid })), statements })
}

/** What the server answers from now on is signed with this key. */
function signWith({ server }: Desk, key: SigningKey): void {
  server.verdict = { code: 0, valid: true, licenseToken: signToken(key, createClaims()) }
}

/** An app with an activation, signed with the key it pins, and a server that goes over to `next`. */
async function activated(changes: Partial<LicenseKitOptions> = {}) {
  const desk = await createDesk(changes)
  await desk.start().activate(LICENSE_KEY)
  const next = createSigningKey()
  signWith(desk, next)
  return { ...desk, pinned: desk.server.key, next, file: path.join(desk.dataDir, FILE) }
}

async function signerIn(dataDir: string): Promise<unknown> {
  const { licenseToken } = JSON.parse(await readFile(path.join(dataDir, 'license.json'), 'utf8'))
  return JSON.parse(Buffer.from(licenseToken.split('.')[0], 'base64url').toString()).kid
}

const asked = ({ server }: Desk) => server.requests.filter(({ path: url }) => url.includes('jwks'))

describe('a key set', () => {
  it('is asked for without the access token, and by the name of the key', async () => {
    const desk = await activated()
    desk.server.keySet = keySet([desk.next], [state(desk.pinned, 7, [desk.next.jwk])])
    expect(await desk.start().refresh()).toMatchObject({ status: 'valid' })
    expect(await signerIn(desk.dataDir)).toBe(desk.next.kid)
    expect(asked(desk).map(({ path: url, headers }) => [url, headers.authorization])).toEqual([
      [`/licensing/.well-known/jwks.json?kid=${desk.next.kid}`, undefined],
    ])
  })

  it('is never asked for by a check', async () => {
    const desk = await activated()
    desk.server.keySet = keySet([desk.next], [state(desk.pinned, 7, [desk.next.jwk])])
    const before = desk.server.requests.length
    const record = JSON.parse(await readFile(path.join(desk.dataDir, 'license.json'), 'utf8'))
    const licenseToken = signToken(desk.next, createClaims())
    await writeFile(path.join(desk.dataDir, 'license.json'), JSON.stringify({ ...record, licenseToken }))
    expect(await desk.start().check()).toMatchObject({ status: 'untrusted', reason: 'TOKEN_KEY_UNKNOWN' })
    expect(desk.server.requests).toHaveLength(before)
  })

  it('is not asked for by a name that is none', async () => {
    const desk = await activated()
    const header = { kid: '../../admin?x=' }
    desk.server.verdict = { code: 0, valid: true, licenseToken: signToken(desk.next, createClaims(), header) }
    await desk.start().refresh()
    expect(asked(desk).map(({ path: url }) => url)).toEqual(['/licensing/.well-known/jwks.json'])
  })

  it('vouches for the key of a revocation list, too', async () => {
    const desk = await activated()
    desk.server.verdict = undefined
    desk.server.revocationList = signToken(
      desk.next,
      { iss: 'keyslot', iat, product: null, entries: [[revocationId(LICENSE_ID), NOW.getTime(), iat + 86_400]] },
      { typ: REVOCATION_LIST_TYP },
    )
    const kit = desk.start()
    expect(await kit.refresh()).toMatchObject({ status: 'valid' })
    expect((await kit.revocationList()).lastProblem).toBe('REVOCATION_LIST_UNTRUSTED')
    // The look of the day is over; an unknown key is reason enough.
    desk.server.keySet = keySet([desk.next], [state(desk.pinned, 7, [desk.next.jwk])])
    expect(await kit.refresh()).toMatchObject({ status: 'revoked', reason: 'REVOKED' })
  })

  it('holds nobody up where it never comes', async () => {
    const desk = await activated({ tryTimeoutMs: 2_000, totalTimeoutMs: 4_000, maxTries: 3 })
    const answer = { code: 0, message: 'License valid', licenseToken: signToken(desk.next, createClaims()) }
    desk.server.fault = (response, request) =>
      request.path.includes('jwks') ||
      (request.path.endsWith('/key/activate') && response.end(JSON.stringify(answer)) !== undefined)
    for (const work of [
      async () => expect(await codeOf(desk.start().activate(LICENSE_KEY))).toBe('TOKEN_KEY_UNKNOWN'),
      async () => expect(await desk.start().refresh()).toMatchObject({ status: 'valid' }),
    ]) {
      const startedAt = performance.now()
      await work()
      expect(performance.now() - startedAt).toBeLessThan(12_000)
    }
  })

  it('is what the doctor goes by: a key vouched for is as good as a pinned one', async () => {
    const desk = await activated()
    desk.server.keySet = keySet([desk.next], [state(desk.pinned, 7, [desk.next.jwk])])
    await desk.start().refresh()
    const options = { appName: 'acme-editor', dataDir: desk.dataDir, hostId: HOST_ID, now: () => NOW }
    const { license } = await diagnose({ ...options, trustedKeys: [desk.pinned.jwk] })
    expect(license).toMatchObject({ status: 'valid', verifiedWith: 'trusted-keys', signedWith: desk.next.kid })
    const stranger = await diagnose({ ...options, trustedKeys: [createSigningKey().jwk] })
    expect(stranger.license).toMatchObject({ status: 'untrusted', reason: 'TOKEN_KEY_UNKNOWN' })
  })

  it('survives deactivation, as the revocation list does', async () => {
    const desk = await activated()
    desk.server.keySet = keySet([desk.next], [state(desk.pinned, 7, [desk.next.jwk])])
    const kit = desk.start()
    await kit.refresh()
    await kit.deactivate()
    expect(await readdir(desk.dataDir)).toEqual([FILE])
    expect(await kit.check()).toMatchObject({ status: 'not-activated' })
    expect((await desk.start().keySet()).trusted).toContain(desk.next.kid)
  })
})

describe('what an attacker says of keys', () => {
  const pinned = createSigningKey()
  const known = createSigningKey()
  const stolen = createSigningKey()
  const evil = createSigningKey()
  const both = [evil.jwk, pinned.jwk]
  const smallOrder = { ...evil.jwk, x: Buffer.alloc(32).toString('base64url') }
  const p256 = { kty: 'EC', crv: 'P-256', x: evil.jwk.x, y: evil.jwk.x }

  const unsigned = `${encode({ alg: 'none', kid: pinned.kid, typ: KEY_STATEMENT_TYP })}.${encode({
    iss: 'keyslot',
    iat,
    version: 9,
    keys: both,
    revoked: [],
  })}.`
  const hmac = () => {
    const head = encode({ alg: 'HS256', kid: pinned.kid, typ: KEY_STATEMENT_TYP })
    const input = `${head}.${encode({ iss: 'keyslot', iat, version: 9, keys: both, revoked: [] })}`
    const signature = createHmac('sha256', Buffer.from(pinned.jwk.x, 'base64url')).update(input).digest('base64url')
    return `${input}.${signature}`
  }

  /** The app has taken version 5: `pinned` and `known` are trusted, `stolen` is revoked although it is pinned. */
  async function informed() {
    const desk = await createDesk({ trustedKeys: jwks([pinned, stolen]) })
    await activateWith(desk, pinned)
    signWith(desk, known)
    const good = [pinned, known].map((key) => state(key, 5, jwks([known, pinned]), { revoked: [stolen.kid] }))
    desk.server.keySet = keySet([known, pinned], good)
    await desk.start().refresh()
    const before = await desk.start().keySet()
    expect(before).toMatchObject({ version: 5, trusted: [known.kid, pinned.kid], lastProblem: null })
    return { ...desk, before }
  }

  /** Tokens come signed with `evil`, and the server says this of its keys. */
  async function expectIgnored(
    { before, ...desk }: Awaited<ReturnType<typeof informed>>,
    said: string,
    problem: unknown,
  ) {
    signWith(desk, evil)
    desk.server.keySet = said
    const kit = desk.start()
    expect(await kit.refresh()).toMatchObject({ status: 'valid', usable: true })
    expect(await kit.keySet()).toEqual({ ...before, lastProblem: problem })
    expect(await signerIn(desk.dataDir)).toBe(known.kid)
    expect(await desk.start().check()).toMatchObject({ status: 'valid' })
    expect(await desk.start().keySet()).toEqual(before)
    return kit
  }

  it.each<[string, unknown, LicenseErrorCode | null]>([
    ['an unknown key has signed', [state(evil, 9, both)], 'KEY_SET_UNTRUSTED'],
    ['a revoked key has signed', [state(stolen, 9, both)], 'KEY_SET_UNTRUSTED'],
    ['a revoked key has signed to undo it', [state(stolen, 9, jwks([pinned, known, stolen]))], 'KEY_SET_UNTRUSTED'],
    ['an older version', [state(pinned, 4, both)], 'KEY_SET_OUTDATED'],
    ['an older version without the revocation', [state(known, 4, jwks([pinned, stolen]))], 'KEY_SET_OUTDATED'],
    ['version 0', [state(pinned, 0, both)], 'KEY_SET_OUTDATED'],
    ['the same version with more keys', [state(pinned, 5, both)], null],
    ['no statement at all', undefined, null],
    ['an empty list of statements', [], 'KEY_SET_MALFORMED'],
    ['statements that are a text', state(evil, 9, both), 'KEY_SET_MALFORMED'],
    ['statements that are objects', [{ keys: both }], 'KEY_SET_MALFORMED'],
    ['a license token', [signToken(pinned, createClaims())], 'KEY_SET_MALFORMED'],
    [
      'a license token with the claims of a statement',
      [state(pinned, 9, both, createClaims(), { typ: 'JWT' })],
      'KEY_SET_MALFORMED',
    ],
    ['a revocation list', [state(pinned, 9, both, {}, { typ: REVOCATION_LIST_TYP })], 'KEY_SET_MALFORMED'],
    ['no typ', [state(pinned, 9, both, {}, { typ: undefined })], 'KEY_SET_MALFORMED'],
    ['another issuer', [state(pinned, 9, both, { iss: 'else' })], 'KEY_SET_MALFORMED'],
    ['no issuer', [state(pinned, 9, both, { iss: undefined })], 'KEY_SET_MALFORMED'],
    ['alg none', [unsigned], 'KEY_SET_UNTRUSTED'],
    ['HS256 keyed with the public key', [hmac()], 'KEY_SET_UNTRUSTED'],
    ['alg Ed25519', [state(pinned, 9, both, {}, { alg: 'Ed25519' })], 'KEY_SET_UNTRUSTED'],
    ['no kid', [state(pinned, 9, both, {}, { kid: undefined })], 'KEY_SET_UNTRUSTED'],
    ['a foreign key under a known kid', [state(evil, 9, both, {}, { kid: pinned.kid })], 'KEY_SET_UNTRUSTED'],
    ['an embedded jwk', [state(evil, 9, both, {}, { jwk: evil.jwk })], 'KEY_SET_UNTRUSTED'],
    ['a crit extension', [state(pinned, 9, both, {}, { crit: ['x'], x: 1 })], 'KEY_SET_MALFORMED'],
    ['another spelling of the signature', [`${state(pinned, 9, both)}=`], 'KEY_SET_MALFORMED'],
    [
      'another payload under a good signature',
      [swapPayload(state(pinned, 9, jwks([pinned])), both)],
      'KEY_SET_UNTRUSTED',
    ],
    ['a private key', [state(pinned, 9, [...both, { ...evil.jwk, d: evil.jwk.x }])], 'KEY_SET_MALFORMED'],
    ['a key of small order', [state(pinned, 9, [...both, smallOrder])], 'KEY_SET_MALFORMED'],
    ['a key of another curve', [state(pinned, 9, [...both, p256])], 'KEY_SET_MALFORMED'],
    ['a key of 31 bytes', [state(pinned, 9, [...both, { ...evil.jwk, x: evil.jwk.x.slice(1) }])], 'KEY_SET_MALFORMED'],
    ['a key that is a text', [state(pinned, 9, [...both, evil.kid])], 'KEY_SET_MALFORMED'],
    ['no keys', [state(pinned, 9, [])], 'KEY_SET_MALFORMED'],
    ['keys that are an object', [state(pinned, 9, { 0: evil.jwk, length: 1 })], 'KEY_SET_MALFORMED'],
    ['a key that it revokes as well', [state(pinned, 9, both, { revoked: [evil.kid] })], 'KEY_SET_MALFORMED'],
    ['revoked that are numbers', [state(pinned, 9, both, { revoked: [1] })], 'KEY_SET_MALFORMED'],
    ['no revoked', [state(pinned, 9, both, { revoked: undefined })], 'KEY_SET_MALFORMED'],
    ['no version', [state(pinned, 9, both, { version: undefined })], 'KEY_SET_MALFORMED'],
    ['a version that is a text', [state(pinned, 9, both, { version: '9' })], 'KEY_SET_MALFORMED'],
    ['an endless version', [state(pinned, 9, both, { version: 1e300 })], 'KEY_SET_MALFORMED'],
    ['half a version', [state(pinned, 9, both, { version: 9.5 })], 'KEY_SET_MALFORMED'],
    ['no iat', [state(pinned, 9, both, { iat: undefined })], 'KEY_SET_MALFORMED'],
    ['more than 64 KiB', [state(pinned, 9, both, { more: 'x'.repeat(65_536) })], 'KEY_SET_MALFORMED'],
  ])('%s: nothing is trusted that was not, and the license goes on', async (_, statements, problem) => {
    const desk = await informed()
    const kit = await expectIgnored(desk, keySet([evil, pinned], statements), problem)

    const file = path.join(await temporaryDir(), 'forged.lic')
    const licenseToken = signToken(evil, createClaims())
    await writeFile(file, JSON.stringify({ licenseToken, signedKey: LICENSE_KEY, keyStatements: statements }))
    expect(await codeOf(kit.importLicenseFile(file))).toBe('TOKEN_KEY_UNKNOWN')
    expect(await desk.start().keySet()).toEqual(desk.before)

    // And what is genuine is still heard.
    const next = createSigningKey()
    signWith(desk, next)
    desk.server.keySet = keySet([next], [state(known, 10, jwks([next, known, pinned]), { revoked: [stolen.kid] })])
    expect(await kit.refresh()).toMatchObject({ status: 'valid' })
    expect(await signerIn(desk.dataDir)).toBe(next.kid)
  })

  it.each<[string, string, LicenseErrorCode | null]>([
    ['more than 1 MiB', `${keySet([evil], [state(pinned, 9, both)])}${' '.repeat(1_048_576)}`, 'SERVER_UNREACHABLE'],
    ['a captive portal', '<html><body>Please log in</body></html>', 'KEY_SET_MALFORMED'],
    ['null', 'null', 'KEY_SET_MALFORMED'],
    ['a list', '[]', 'KEY_SET_MALFORMED'],
    ['without keys', JSON.stringify({ statements: [state(pinned, 9, both)] }), 'KEY_SET_MALFORMED'],
    ['a __proto__', '{"keys":[],"__proto__":{"statements":["x"]}}', null],
    ['of kids that are no text', '{"keys":[null,1,{"kid":{}}]}', null],
  ])('an answer that is %s is passed over', async (_, said, problem) => {
    await expectIgnored(await informed(), said, problem)
  })

  it('among genuine ones keeps nobody from hearing those', async () => {
    const desk = await activated()
    const { next } = desk
    const noise = ['', '..', 'x'.repeat(70_000), state(evil, 99, both), state(evil, 99, both, {}, { kid: next.kid })]
    desk.server.keySet = keySet([next], [...noise, null, 7, state(desk.pinned, 7, [next.jwk])])
    const kit = desk.start()
    await kit.refresh()
    expect((await kit.keySet()).trusted).toEqual([next.kid, desk.pinned.kid])
    expect((await readFile(desk.file, 'utf8')).length).toBeLessThan(2_000)
  })

  it('copies of a genuine statement under false signatures are not kept', async () => {
    const desk = await activated()
    const { next } = desk
    const genuine = state(desk.pinned, 7, [next.jwk, desk.pinned.jwk])
    const [head = '', payload] = genuine.split('.')
    const forged = `${head}.${payload}.${Buffer.alloc(64).toString('base64url')}`
    desk.server.keySet = keySet([next], [forged, genuine])
    await desk.start().refresh()
    expect(await readFile(desk.file, 'utf8')).toBe(genuine)
  })

  async function activateWith(desk: Desk, key: SigningKey): Promise<void> {
    const activation = { code: 0, message: 'License valid', licenseToken: signToken(key, createClaims()) }
    desk.server.fault = (response, request) =>
      request.path.endsWith('/key/activate') && response.end(JSON.stringify(activation)) !== undefined
    await desk.start().activate(LICENSE_KEY)
    desk.server.fault = undefined
  }
})

describe('a chain of statements', () => {
  /** Each key vouches for the next alone, so that none can be left out. */
  async function walk(steps: number) {
    const desk = await activated()
    const kit = desk.start()
    let by = desk.pinned
    for (let step = 1; step <= steps; step++) {
      const key = createSigningKey()
      signWith(desk, key)
      desk.server.keySet = keySet([key], [state(by, step, [key.jwk], { revoked: [desk.pinned.kid, by.kid] })])
      await kit.refresh()
      by = key
    }
    return { ...desk, kit, last: by }
  }

  it('of eight is followed, and again at the next start', async () => {
    const { kit, start, last, dataDir } = await walk(8)
    expect(await kit.keySet()).toMatchObject({ version: 8, trusted: [last.kid] })
    expect(await start().keySet()).toMatchObject({ version: 8, trusted: [last.kid] })
    expect(await signerIn(dataDir)).toBe(last.kid)
    expect(await start().check()).toMatchObject({ status: 'valid' })
  })

  it('of nine is not: the app needs an update', async () => {
    const { kit, start } = await walk(9)
    expect(await kit.keySet()).toMatchObject({ version: 8, lastProblem: 'KEY_SET_UNTRUSTED' })
    expect(await start().check()).toMatchObject({ status: 'valid' })
  })

  it('is cut short where a pinned key has signed the newest', async () => {
    const { kit, start, last, pinned, server, file } = await walk(8)
    const claims = [20, jwks([last]), { revoked: [pinned.kid] }] as const
    const copies = [pinned, last].map((by) => state(by, ...claims))
    server.keySet = keySet([last], copies)
    await start().refresh()
    expect(await readFile(file, 'utf8')).toBe(copies.join('\n'))
    expect(await start().keySet()).toMatchObject({ version: 20, trusted: [last.kid] })
    expect(await kit.keySet()).toMatchObject({ version: 20 })
  })
})

describe('the file of statements', () => {
  async function followed(changes: Partial<LicenseKitOptions> = {}) {
    const desk = await activated(changes)
    const statement = state(desk.pinned, 7, [desk.next.jwk, desk.pinned.jwk])
    desk.server.keySet = keySet([desk.next], [statement])
    expect(await desk.start().refresh()).toMatchObject({ status: 'valid' })
    return { ...desk, statement }
  }

  it.each<[string, (text: string) => string | Buffer]>([
    ['emptied', () => ''],
    ['torn', (text) => text.slice(0, 200)],
    ['of zeros', (text) => Buffer.alloc(text.length)],
    ['with one character changed', (text) => text.replace(/.$/, (last) => (last === 'A' ? 'Q' : 'A'))],
    ['of another payload', (text) => swapPayload(text, [createSigningKey().jwk])],
    ['of many lines', () => 'eyJ..\n'.repeat(100_000)],
  ])('%s counts for nothing, and is mended by the next contact', async (_, damage) => {
    const { start, file, pinned, next, statement } = await followed()
    const running = start()
    await running.check()
    await writeFile(file, damage(await readFile(file, 'utf8')))
    expect(await start().check()).toMatchObject({ status: 'untrusted', reason: 'TOKEN_KEY_UNKNOWN', refreshDue: true })
    expect(await start().keySet()).toMatchObject({ trusted: [pinned.kid], version: null })
    // What this process knows still counts.
    expect(await running.check()).toMatchObject({ status: 'valid' })
    const kit = start()
    expect(await kit.refresh()).toMatchObject({ status: 'valid' })
    expect(await readFile(file, 'utf8')).toBe(statement)
    expect((await start().keySet()).trusted).toEqual([next.kid, pinned.kid])
  })

  it('that is a folder is no worse than none', async () => {
    const desk = await activated()
    await mkdir(desk.file)
    desk.server.keySet = keySet([desk.next], [state(desk.pinned, 7, [desk.next.jwk])])
    const kit = desk.start()
    expect(await kit.refresh()).toMatchObject({ status: 'valid' })
    expect(await kit.check()).toMatchObject({ status: 'valid' })
  })

  it('put back to an older one: a running process keeps what it knows, and puts it right', async () => {
    const { server, start, file, pinned, next, statement } = await followed()
    const kit = start()
    const newer = state(next, 9, [next.jwk], { revoked: [pinned.kid] })
    server.keySet = keySet([next], [newer])
    await kit.refresh()
    const after = await readFile(file, 'utf8')
    await writeFile(file, statement)
    expect((await kit.keySet()).trusted).toEqual([next.kid])
    await start().refresh()
    expect(await readFile(file, 'utf8')).toBe(after)
    expect((await start().keySet()).trusted).toEqual([next.kid])
  })

  it('is not needed: where nothing can be written, this process remembers', async () => {
    const inTheWay = path.join(await temporaryDir(), 'a-file')
    await writeFile(inTheWay, '')
    const { start } = await createDesk({ dataDir: path.join(inTheWay, 'below') })
    const kit = start()
    await kit.activate(LICENSE_KEY)
    expect(await kit.keySet()).toMatchObject({ version: null })

    const desk = await createDesk({ dataDir: path.join(inTheWay, 'below') })
    const next = createSigningKey()
    desk.server.keySet = keySet([next], [state(desk.server.key, 7, [next.jwk])])
    const other = desk.start()
    await other.activate(LICENSE_KEY)
    signWith(desk, next)
    expect(await other.refresh()).toMatchObject({ status: 'valid', persisted: false })
    expect(await other.check()).toMatchObject({ status: 'valid' })
    expect(await other.keySet()).toMatchObject({ version: 7 })
  })

  it('several kits taking statements at once keep the newest', async () => {
    const { start, pinned } = await followed()
    const versions = [12, 19, 11, 17, 13, 18]
    await Promise.all(versions.map(async (version) => start().importLicenseFile(await fileOf(pinned, version))))
    expect((await start().keySet()).version).toBe(19)
  })

  it('several processes taking statements at once keep the newest', async () => {
    const { start, pinned, server, dataDir } = await followed()
    const app = await compileScript(`
      import { createLicenseKit } from '../../src/client'
      ${START_BARRIER}
      const [options, file] = process.argv.slice(2)
      const kit = createLicenseKit(JSON.parse(options))
      await kit.check()
      await startBarrier()
      console.log(await kit.importLicenseFile(file).then(() => 'done', ({ code }) => code))
    `)
    const options = JSON.stringify({
      serverUrl: server.url,
      productId: PRODUCT_ID,
      accessToken: PUBLISHABLE_TOKEN,
      trustedKeys: [pinned.jwk],
      appName: 'acme-editor',
      dataDir,
      hostId: HOST_ID,
    })
    for (let round = 1; round <= 4; round++) {
      const versions = [8, 6, 4, 2].map((step) => round * 10 + step)
      const files = await Promise.all(versions.map((version) => fileOf(pinned, version)))
      expect(await startTogether(files.map((file) => app([options, file])))).toEqual(['done', 'done', 'done', 'done'])
      expect((await start().keySet()).version).toBe(round * 10 + 8)
    }
  })

  async function fileOf(key: SigningKey, version: number): Promise<string> {
    const file = path.join(await temporaryDir(), `${version}.lic`)
    const keyStatements = [state(key, version, [createSigningKey().jwk, key.jwk])]
    const licenseToken = signToken(key, createClaims())
    await writeFile(file, JSON.stringify({ licenseToken, signedKey: LICENSE_KEY, keyStatements }))
    return file
  }
})

describe('a statement that revokes', () => {
  it('counts for tokens a running process has found genuine, as soon as any process takes it', async () => {
    const desk = await activated()
    desk.server.verdict = undefined
    const running = desk.start()
    expect(await running.check()).toMatchObject({ status: 'valid' })
    await writeFile(desk.file, state(desk.pinned, 7, [desk.next.jwk], { revoked: [desk.pinned.kid] }))
    expect(await running.check()).toMatchObject({ status: 'untrusted', reason: 'TOKEN_KEY_UNKNOWN', usable: false })
  })

  it('makes a revocation list of the stolen key as good as none, however late it was signed', async () => {
    const desk = await activated()
    const { pinned, next, server } = desk
    const list = (by: SigningKey, signed: number) =>
      signToken(by, { iss: 'keyslot', iat: signed, product: null, entries: [] }, { typ: REVOCATION_LIST_TYP })
    const kit = desk.start()
    await kit.importRevocationList(list(pinned, 1e10))
    server.keySet = keySet([next], [state(pinned, 7, [next.jwk], { revoked: [pinned.kid] })])
    server.revocationList = list(next, iat)
    await kit.refresh()
    expect(await kit.revocationList()).toEqual({ signedAt: NOW, lastProblem: null })
    expect((await desk.start().revocationList()).signedAt).toEqual(NOW)
  })
})

function swapPayload(statement: string, keys: unknown): string {
  const [head, payload = '', signature] = statement.split('.')
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString())
  return `${head}.${encode({ ...claims, keys })}.${signature}`
}
