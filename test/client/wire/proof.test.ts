// Longer than other files: one proof key, from the file it is kept in to the proofs it makes.

import { cp, readdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { inspect } from 'node:util'
import { calculateJwkThumbprint, decodeJwt, EmbeddedJWK, jwtVerify } from 'jose'
import { describe, expect, it } from 'vitest'
import { diagnose, type LicenseKit, type LicenseKitOptions, runUninstall, type SecretStore } from '../../../src/client'
import { isProofKey, type ProofKey, thumbprintOf } from '../../../src/client/trust/proof-key'
import { createProofKey } from '../../../src/client/wire/proof'
import { createDesk, type Desk, later } from '../desk'
import { PUBLISHABLE_TOKEN, type SeenRequest } from '../fake-license-server'
import { refusalHeaders } from '../refusal-headers'
import { temporaryDir } from '../temporary-dir'
import { createClaims, DAY, HOST_ID, LICENSE_KEY, NOW, signToken } from '../token-factory'

const appName = 'acme-editor'

async function activated(changes: Partial<LicenseKitOptions> = {}): Promise<Desk & { kit: LicenseKit }> {
  const desk = await createDesk(changes)
  const kit = desk.start()
  expect(await kit.activate(LICENSE_KEY)).toMatchObject({ status: 'valid' })
  return { ...desk, kit }
}

type StoredRecord = Record<string, unknown> & { readonly licenseToken: string; readonly proofKey: ProofKey }

const fileIn = (dataDir: string) => path.join(dataDir, 'license.json')

async function readRecord(dataDir: string): Promise<StoredRecord> {
  return JSON.parse(await readFile(fileIn(dataDir), 'utf8'))
}

/** The key that the folder keeps. */
async function keptKey(dataDir: string): Promise<unknown> {
  return JSON.parse(await readFile(path.join(dataDir, 'proof-key.json'), 'utf8')).proofKey
}

/** Replaces fields of the record; undefined removes one. */
async function changeRecord(dataDir: string, changes: Record<string, unknown>): Promise<void> {
  await writeFile(fileIn(dataDir), JSON.stringify({ ...(await readRecord(dataDir)), ...changes }))
}

/** The record and the server's, as they were before there were keys. */
async function forgetKey({ dataDir, server }: Desk): Promise<void> {
  server.proofs.keys.clear()
  const { licenseToken } = await readRecord(dataDir)
  const { cnf: _bound, ...claims } = decodeJwt(licenseToken)
  await changeRecord(dataDir, { proofKey: undefined, licenseToken: signToken(server.key, claims) })
}

const routeOf = ({ path: at }: SeenRequest) => at.replace('/licensing', '')
const isProven = ({ headers }: SeenRequest) => headers.dpop !== undefined

describe('a proof of possession', () => {
  it('goes with every call for a host, and with the one that takes a seat', async () => {
    const { kit, server } = await activated()
    await kit.activate(LICENSE_KEY)
    await kit.refresh()
    await kit.deactivate()
    const session = await kit.floating.checkout(LICENSE_KEY)
    await session.checkin()
    const posted = server.requests.filter(({ path: at }) => at.includes('/key/'))
    expect(posted.map((request) => `${routeOf(request)} ${isProven(request)}`)).toEqual([
      '/key/activate true',
      '/key/activate true',
      '/key/validate true',
      '/key/deactivate true',
      '/key/checkout true',
      '/key/checkin false',
    ])
  })

  it('is what RFC 9449 asks for, to another library too, and made once for each request', async () => {
    const { kit, server, dataDir } = await activated()
    await kit.refresh()
    const { proofKey, licenseToken } = await readRecord(dataDir)
    const proofs = server.requests.filter(isProven)
    const ids: unknown[] = []
    for (const { headers, path: at } of proofs) {
      const { payload, protectedHeader } = await jwtVerify(String(headers.dpop), EmbeddedJWK, { currentDate: NOW })
      const jwk = { kty: 'OKP', crv: 'Ed25519', x: proofKey.x }
      expect(protectedHeader).toEqual({ typ: 'dpop+jwt', alg: 'EdDSA', jwk })
      expect(payload).toEqual({
        jti: expect.stringMatching(/^[\w-]{16,}$/),
        htm: 'POST',
        htu: server.url.replace('/licensing', at),
        iat: NOW.getTime() / 1000,
        ath: expect.stringMatching(/^[\w-]{43}$/),
      })
      expect(decodeJwt(licenseToken).cnf).toEqual({ jkt: await calculateJwkThumbprint(jwk) })
      ids.push(payload.jti)
    }
    expect(new Set(ids).size).toBe(2)
  })

  it('needs no right clock, and after the first request no second try', async () => {
    const { server, start, clock } = await createDesk()
    clock.now = later(10 * DAY)
    const kit = start()
    await kit.activate(LICENSE_KEY)
    await kit.refresh()
    expect(await kit.deactivate()).toMatchObject({ outcome: 'freed' })
    const routes = server.requests.filter(isProven).map(routeOf)
    expect(routes).toEqual(['/key/activate', '/key/activate', '/key/validate', '/key/deactivate'])
  })

  it('is made even where the clock says nothing at all', async () => {
    const { start } = await createDesk({ now: () => new Date(Number.NaN) })
    await start().activate(LICENSE_KEY)
    expect(await start().deactivate()).toMatchObject({ outcome: 'freed' })
  })

  it('not accepted, costs no license: nothing is stored, nothing is lost', async () => {
    const { kit, server, start } = await activated()
    server.fault = (response) =>
      response
        .writeHead(401, { 'keyslot-error': 'PROOF_INVALID' })
        .end('{"message":"Invalid proof of possession","code":1}') !== undefined
    expect(await kit.refresh()).toMatchObject({ status: 'valid' })
    await expect(start({ dataDir: await temporaryDir() }).activate(LICENSE_KEY)).rejects.toMatchObject({
      code: 'PROOF_INVALID',
      detail: { status: 401 },
    })
  })
})

describe('the key', () => {
  it('is kept with the token, and stays the same: activated again, renewed, by another kit', async () => {
    const { kit, start, dataDir, server } = await activated()
    const { proofKey } = await readRecord(dataDir)
    expect(isProofKey(proofKey)).toBe(true)
    await kit.activate(LICENSE_KEY)
    await kit.refresh()
    await start().activate(LICENSE_KEY)
    expect(await start().refresh()).toMatchObject({ status: 'valid' })
    expect((await readRecord(dataDir)).proofKey).toEqual(proofKey)
    expect([...server.proofs.keys]).toEqual([[HOST_ID, thumbprintOf(proofKey)]])
  })

  it('is one for all processes of a host, though they activate at once', async () => {
    const { start, dataDir, server } = await createDesk()
    const kits = Array.from({ length: 4 }, () => start())
    const checks = await Promise.all(kits.map((kit) => kit.activate(LICENSE_KEY)))
    for (const check of checks) expect(check).toMatchObject({ status: 'valid' })
    const { proofKey } = await readRecord(dataDir)
    expect(server.proofs.keys.get(HOST_ID)).toBe(thumbprintOf(proofKey))
    for (const kit of [...kits, start()]) expect(await kit.refresh()).toMatchObject({ status: 'valid' })
  })

  it('is the one stored first, whichever the server was shown last', async () => {
    const { start, dataDir, server } = await createDesk()
    let stored: ProofKey | undefined
    const slow = start({
      async fetch(url, init) {
        const answer = await globalThis.fetch(url, init)
        if (stored === undefined) {
          // All that another process does comes between the server's answer and our reading it.
          await start().activate(LICENSE_KEY)
          stored = (await readRecord(dataDir)).proofKey
        }
        return answer
      },
    })
    expect(await slow.activate(LICENSE_KEY)).toMatchObject({ status: 'valid' })
    expect(await readRecord(dataDir)).toMatchObject({ proofKey: stored })
    expect(await slow.refresh()).toMatchObject({ status: 'valid' })
    expect(await start().refresh()).toMatchObject({ status: 'valid' })
    expect(server.activeHosts.size).toBe(1)
  })

  it('is the folder’s for another license too, and another after the activation was given up', async () => {
    const { kit, dataDir } = await activated()
    const { proofKey } = await readRecord(dataDir)
    await changeRecord(dataDir, { licenseKey: 'AAAAA-BBBBB-CCCCC-DDDDD' })
    await kit.activate(LICENSE_KEY)
    const second = (await readRecord(dataDir)).proofKey
    expect(await keptKey(dataDir)).toEqual(second)
    expect(proofKey).toEqual(second)
    await kit.deactivate()
    await kit.activate(LICENSE_KEY)
    expect((await readRecord(dataDir)).proofKey).not.toEqual(second)
  })

  it('is kept when a license file replaces the token, so that the server is still shown it', async () => {
    const { kit, dataDir, server } = await activated()
    const { proofKey } = await readRecord(dataDir)
    const file = path.join(await temporaryDir(), 'acme.lic')
    const iat = NOW.getTime() / 1000
    const licenseToken = signToken(server.key, createClaims({ iat: iat + 1, exp: iat + 300 * DAY }))
    await writeFile(file, JSON.stringify({ licenseToken, signedKey: LICENSE_KEY }))
    expect(await kit.importLicenseFile(file)).toMatchObject({ status: 'valid' })
    expect(await readRecord(dataDir)).toMatchObject({ proofKey, licenseToken, fromFile: true })
    expect(await kit.refresh()).toMatchObject({ status: 'valid' })
    expect(await readRecord(dataDir)).toMatchObject({ proofKey, licenseToken })
    expect(await kit.deactivate()).toMatchObject({ outcome: 'freed' })
  })

  it('is sealed by a secret store', async () => {
    const texts: string[] = []
    const secretStore: SecretStore = {
      encrypt(text) {
        texts.push(text)
        return Buffer.from(text).map((byte) => byte ^ 0x5a)
      },
      decrypt: (sealed) => Buffer.from(sealed.map((byte) => byte ^ 0x5a)).toString(),
    }
    const { kit, start, dataDir } = await activated({ secretStore })
    const { proofKey } = JSON.parse(texts.at(-1) ?? '') as StoredRecord
    expect(isProofKey(proofKey)).toBe(true)
    for (const name of await readdir(dataDir)) {
      const text = await readFile(path.join(dataDir, name), 'utf8')
      for (const part of Object.values(proofKey)) expect(text).not.toContain(part)
    }
    expect(await start().refresh()).toMatchObject({ status: 'valid' })
    await kit.activate(LICENSE_KEY)
    expect(JSON.parse(texts.at(-1) ?? '').proofKey).toEqual(proofKey)
  })

  it('is never shown: no error, no logger, no finding of the doctor holds it', async () => {
    const { kit, server, dataDir, start } = await activated()
    const { proofKey } = await readRecord(dataDir)
    const shown: unknown[] = [inspect(kit, { depth: 9, showHidden: true }), await kit.check()]
    const fetch = (_: string, init: unknown) => Promise.reject(Object.assign(new Error('no'), { init }))
    shown.push(
      await start({ fetch })
        .activate(LICENSE_KEY)
        .catch((error: unknown) => error),
    )
    server.fault = (response) =>
      response
        .writeHead(403, { 'keyslot-error': 'ACTIVATION_LIMIT_REACHED' })
        .end('{"message":"Activation limit reached","code":2}') !== undefined
    shown.push(await kit.activate(LICENSE_KEY).catch((error: unknown) => error))
    const trustedKeys = [server.key.jwk]
    shown.push(await diagnose({ appName, dataDir, trustedKeys }))
    await server.close()
    shown.push(await kit.deactivate())
    shown.push(await diagnose({ appName, dataDir, trustedKeys }))
    const text = shown.map((value) => `${inspect(value, { depth: 9, showHidden: true })} ${JSON.stringify(value)}`)
    expect(text.join('\n')).toContain('pendingDeactivations: 1')
    expect(text.join('\n')).not.toContain(proofKey.d)
  })

  it.each<[string, (key: ProofKey) => unknown]>([
    ['no object', () => 'key'],
    ['null', () => null],
    ['half of it', ({ x }) => ({ x })],
    ['too long', ({ x, d }) => ({ x, d: `${d}A` })],
    ['no base64url', ({ x, d }) => ({ x, d: `+${d.slice(1)}` })],
    ['a number', ({ x }) => ({ x, d: 7 })],
    ["another's half", ({ x }) => ({ x, d: createProofKey().d })],
  ])('malformed (%s), makes the record corrupt; activating mends it', async (_, change) => {
    const { start, dataDir, server } = await activated()
    await changeRecord(dataDir, { proofKey: change((await readRecord(dataDir)).proofKey) })
    expect(await start().check()).toMatchObject({ status: 'not-activated', reason: 'CACHE_CORRUPT' })
    expect(await start().activate(LICENSE_KEY)).toMatchObject({ status: 'valid' })
    expect(await start().refresh()).toMatchObject({ status: 'valid' })
    expect(server.activeHosts.size).toBe(1)
  })
})

describe('a token that is bound to a key', () => {
  it.each<[string, ProofKey | undefined]>([
    ['gone', undefined],
    ["another's", createProofKey()],
  ])('is for another host where the key is %s, offline and to the doctor as well', async (_, proofKey) => {
    const { start, dataDir, server, kit } = await activated()
    expect(await kit.check()).toMatchObject({ status: 'valid' })
    await changeRecord(dataDir, { proofKey })
    const wrongHost = { status: 'wrong-host', reason: 'TOKEN_WRONG_HOST', usable: false }
    const seen = server.requests.length
    expect(await kit.check()).toMatchObject(wrongHost)
    expect(await start().check()).toMatchObject(wrongHost)
    expect(server.requests.length).toBe(seen)
    const hostId = (await kit.hostId()).hostId
    const { license } = await diagnose({ appName, dataDir, hostId, trustedKeys: [server.key.jwk] })
    expect(license).toMatchObject({ status: 'wrong-host', reason: 'TOKEN_WRONG_HOST' })
    expect((await diagnose({ appName, dataDir, hostId })).license).toMatchObject({ status: 'wrong-host' })
    expect(await start().activate(LICENSE_KEY)).toMatchObject({ status: 'valid' })
  })

  it('of an answer is not taken where it is not bound to the key that was shown', async () => {
    const { start, server, dataDir } = await createDesk()
    server.claims = { cnf: { jkt: thumbprintOf(createProofKey()) } }
    await expect(start().activate(LICENSE_KEY)).rejects.toMatchObject({ code: 'TOKEN_WRONG_HOST' })
    expect(await readdir(dataDir)).toEqual(['proof-key.json'])
  })

  it.each([null, {}, { jkt: 7 }, { jkt: '' }, 'jkt'])('in a way that is none (%j) is not trusted', async (cnf) => {
    const { start, server } = await createDesk()
    server.claims = { cnf }
    await expect(start().activate(LICENSE_KEY)).rejects.toMatchObject({ code: 'TOKEN_CLAIMS' })
  })

  it('is not needed of a server that binds none', async () => {
    const { start, server, dataDir } = await createDesk()
    server.claims = { cnf: undefined }
    expect(await start().activate(LICENSE_KEY)).toMatchObject({ status: 'valid' })
    expect(decodeJwt((await readRecord(dataDir)).licenseToken)).not.toHaveProperty('cnf')
    expect(await start().refresh()).toMatchObject({ status: 'valid' })
  })
})

describe('a host that was activated without a key', () => {
  it('goes on without one', async () => {
    const desk = await activated()
    await forgetKey(desk)
    const { start, server, dataDir } = desk
    server.requests.length = 0
    expect(await start().check()).toMatchObject({ status: 'valid' })
    expect(await start().refresh()).toMatchObject({ status: 'valid' })
    expect(await readRecord(dataDir)).not.toHaveProperty('proofKey')
    expect(await start().deactivate()).toMatchObject({ outcome: 'freed' })
    expect(server.requests.filter(isProven)).toEqual([])
  })

  it('is bound to one at its next contact where the server wants proofs', async () => {
    const desk = await activated()
    await forgetKey(desk)
    const { start, server, dataDir } = desk
    server.proofs.required = true
    expect(await start().refresh()).toMatchObject({ status: 'valid', refreshDue: false })
    const { proofKey, licenseToken } = await readRecord(dataDir)
    expect(decodeJwt(licenseToken).cnf).toEqual({ jkt: thumbprintOf(proofKey) })
    expect(server.activeHosts.size).toBe(1)
    expect(await start().refresh()).toMatchObject({ status: 'valid' })
  })

  it('binds once, though all its processes ask at once', async () => {
    const desk = await activated()
    await forgetKey(desk)
    const { start, server, dataDir } = desk
    server.proofs.required = true
    const kits = Array.from({ length: 4 }, () => start())
    await Promise.all(kits.map((kit) => kit.refresh()))
    expect(server.proofs.keys.get(HOST_ID)).toBe(thumbprintOf((await readRecord(dataDir)).proofKey))
    for (const kit of kits) expect(await kit.refresh()).toMatchObject({ status: 'valid' })
  })

  it('stays without a license where another process gives it up meanwhile', async () => {
    const desk = await activated()
    await forgetKey(desk)
    const { start, server } = desk
    server.proofs.required = true
    let given: Promise<unknown> | undefined
    const kit = start({
      async fetch(url, init) {
        const answer = await globalThis.fetch(url, init)
        if (url.endsWith('/key/activate')) given ??= start().deactivate()
        await given
        return answer
      },
    })
    expect(await kit.refresh()).toMatchObject({ status: 'not-activated', reason: 'NO_LICENSE' })
    expect(await start().check()).toMatchObject({ status: 'not-activated', reason: 'NO_LICENSE' })
  })

  it('claims no slot anew where it has lost its own', async () => {
    const desk = await activated()
    await forgetKey(desk)
    const { start, server } = desk
    server.proofs.required = true
    server.activeHosts.clear()
    server.fault = (response, request) =>
      request.path.endsWith('/validate') && !isProven(request)
        ? response
            .writeHead(403, { 'keyslot-error': 'PROOF_REQUIRED' })
            .end('{"message":"Proof of possession required","code":2}') !== undefined
        : false
    expect(await start().refresh()).toMatchObject({
      status: 'valid',
      refreshDue: true,
      lastContact: { code: 'ACTIVATION_NOT_FOUND' },
    })
    expect(server.activeHosts.size).toBe(0)
  })

  it('stays as it is where binding fails for now, and ends where the license does', async () => {
    const desk = await activated()
    await forgetKey(desk)
    const { start, server } = desk
    server.proofs.required = true
    const failing = (status: number, message: string) => {
      server.fault = (response, { path: at }) =>
        at.endsWith('/activate') &&
        response.writeHead(status, refusalHeaders({ message })).end(JSON.stringify({ message, code: 2 })) !== undefined
    }
    failing(503, 'Server error')
    expect(await start().refresh()).toMatchObject({ status: 'valid' })
    failing(403, 'Activation limit reached')
    expect(await start().refresh()).toMatchObject({ status: 'valid' })
    failing(403, 'License not activated')
    expect(await start().refresh()).toMatchObject({ status: 'revoked', reason: 'LICENSE_BLOCKED' })
  })
})

describe('a host whose slot was bound to another key', () => {
  it('shows its token and its own key at the next contact, and goes on', async () => {
    const { kit, start, server, dataDir } = await activated()
    const { licenseToken } = await readRecord(dataDir)
    const another = start({ dataDir: await temporaryDir() })
    await another.activate(LICENSE_KEY)
    expect(await kit.refresh()).toMatchObject({ status: 'valid', lastContact: { code: 'OK' } })
    const [shown] = server.requests.filter(({ body }) => body.licenseToken !== undefined)
    expect(shown && [routeOf(shown), isProven(shown), shown.body.licenseToken]).toEqual([
      '/key/activate',
      true,
      licenseToken,
    ])
    expect(server.activeHosts.size).toBe(1)
  })

  it('gives up nothing that is its own no more: no ticket stays behind', async () => {
    const { kit, start, server, dataDir } = await activated()
    await start({ dataDir: await temporaryDir() }).activate(LICENSE_KEY)
    expect(await kit.deactivate()).toMatchObject({ outcome: 'already-free', persisted: true })
    expect(server.activeHosts.size).toBe(1)
    expect(await readdir(dataDir)).toEqual([])
  })
})

describe('giving up a slot that is bound to a key', () => {
  const ticketsIn = async (dataDir: string) => (await readdir(dataDir)).filter((name) => name.endsWith('.ticket'))

  it('offline: the ticket has the key, and the next app to start delivers it', async () => {
    const { kit, start, server, dataDir } = await activated()
    const { proofKey } = await readRecord(dataDir)
    server.fault = (response) => response.destroy() !== undefined
    expect(await kit.deactivate()).toMatchObject({ outcome: 'queued-offline', persisted: true })
    const [ticket = ''] = await ticketsIn(dataDir)
    expect(JSON.parse(await readFile(path.join(dataDir, ticket), 'utf8'))).toMatchObject({ proofKey })
    server.fault = undefined
    await start({ hostId: 'another-host' }).refresh()
    expect(server.activeHosts.size).toBe(0)
    expect(await readdir(dataDir)).toEqual([])
  })

  it('by an uninstaller: the same, online and offline', async () => {
    const { server, dataDir } = await activated()
    const copy = await temporaryDir()
    await cp(dataDir, copy, { recursive: true })
    expect(await runUninstall({ appName, dataDir })).toMatchObject({ outcome: 'freed' })
    server.activeHosts.add(HOST_ID)
    server.proofs.keys.set(HOST_ID, thumbprintOf((await readRecord(copy)).proofKey))
    server.fault = (response) => response.destroy() !== undefined
    expect(await runUninstall({ appName, dataDir: copy })).toMatchObject({ outcome: 'queued-offline' })
    server.fault = undefined
    await runUninstall({ appName, dataDir: copy })
    expect(server.activeHosts.size).toBe(0)
    expect(await readdir(copy)).toEqual([])
  })

  it('a ticket without a key, of an older version, is delivered without; one with half a key is none', async () => {
    const { start, server, dataDir } = await createDesk()
    const write = async (idempotencyKey: string, more: object) => {
      const { url: serverUrl } = server
      const { productId } = createClaims()
      const slot = { productId, licenseKey: LICENSE_KEY, hostId: HOST_ID, idempotencyKey }
      const ticket = { version: 1, serverUrl, accessToken: PUBLISHABLE_TOKEN, allowPlainHttp: false, ...slot, ...more }
      await writeFile(path.join(dataDir, `uninstall-${idempotencyKey}.ticket`), JSON.stringify(ticket))
    }
    server.activeHosts.add(HOST_ID)
    await write('half-a-key', { proofKey: { x: createProofKey().x } })
    await start().refresh()
    expect(server.activeHosts.size).toBe(1)
    await write('no-key', {})
    await start().refresh()
    expect(server.activeHosts.size).toBe(0)
    expect(await ticketsIn(dataDir)).toEqual(['uninstall-half-a-key.ticket'])
  })
})
