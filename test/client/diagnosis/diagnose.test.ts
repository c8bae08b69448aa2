import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { diagnose } from '../../../src/client'
import type { DiagnoseOptions } from '../../../src/client/diagnosis/diagnose-options'
import { examine } from '../../../src/client/diagnosis/examine'
import { describeRoute } from '../../../src/client/diagnosis/examine-server'
import { deriveHostId } from '../../../src/client/host/host-id'
import { createCertificate } from '../certificate'
import type { Fault } from '../fake-license-server'
import { startProxy } from '../fake-proxy'
import { temporaryDir } from '../temporary-dir'
import { createSigningKey, DAY, HOST_ID, LICENSE_KEY, NOW } from '../token-factory'
import { DOCKER, daysLater, EXT4, MACHINE_ID, machine, PHYSICAL, setUp, startServer, wellKnown } from './examined-desk'

describe('diagnose', () => {
  it('is what an app calls, and refuses what it does not know', async () => {
    const dataDir = await temporaryDir()
    expect(await diagnose({ appName: 'acme', dataDir })).toMatchObject({ license: { status: 'not-activated' } })
    await expect(diagnose({ appName: 'acme', trustedKey: [] } as DiagnoseOptions)).rejects.toThrow(
      new TypeError('unknown option: trustedKey'),
    )
    expect(await readdir(dataDir)).toEqual([])
  })

  it('finds a healthy license healthy, and shows nothing secret', async () => {
    const { doctor, server, dataDir } = await setUp()
    const found = await doctor({ trustedKeys: [server.key.jwk], proxy: 'http://ada:hunter2@proxy.test:8080' })
    expect(found).toMatchObject({
      healthy: true,
      notes: [],
      host: {
        hostId: deriveHostId(MACHINE_ID, 'acme'),
        source: 'machine',
        because: "the machine's own id can be read",
      },
      folder: { path: dataDir, exists: true, writable: true, lasts: 'for-good', pendingDeactivations: 0 },
      license: {
        status: 'valid',
        maskedKey: '…5SB5',
        verifiedWith: 'trusted-keys',
        refreshDue: false,
        customerName: 'Ada',
      },
      server: { health: 'ok', namedBy: 'license', clockAheadSeconds: 0, publishedKeys: 1 },
    })
    const { licenseToken, accessToken } = JSON.parse(await readFile(path.join(dataDir, 'license.json'), 'utf8'))
    const text = JSON.stringify(found)
    for (const secret of [licenseToken, accessToken, MACHINE_ID, LICENSE_KEY, 'hunter2'])
      expect(text).not.toContain(secret)
    expect(server.requests.slice(-2).every(({ headers }) => headers.authorization === undefined)).toBe(true)
  })
})

describe('the host', () => {
  it('explains which source won, and what would change it', async () => {
    const { doctor } = await setUp()
    const unreadable = await doctor({}, machine(undefined))
    expect(unreadable.host).toMatchObject({
      hostId: deriveHostId(MACHINE_ID, 'acme'),
      source: 'machine',
      because: "it was derived from the machine's own id earlier, which is missing today",
      changesWith: expect.stringContaining('copying or deleting the data folder does not'),
    })
    expect(unreadable).toMatchObject({ healthy: true, notes: [expect.stringContaining('cannot be confirmed')] })

    const given = await doctor({ hostId: 'my-host' })
    expect(given.host).toMatchObject({ hostId: 'my-host', source: 'option', because: 'it was given' })
    expect(given.license.status).toBe('wrong-host')
  })

  it('takes over the hostId of an app that gives its own', async () => {
    const { server, doctor, dataDir } = await setUp()
    const stored = JSON.parse(await readFile(path.join(dataDir, 'license.json'), 'utf8'))
    await writeFile(path.join(dataDir, 'license.json'), JSON.stringify({ ...stored, hostId: HOST_ID }))
    const { host } = await doctor({ serverUrl: server.url })
    expect(host).toMatchObject({ hostId: HOST_ID, source: 'option' })
  })

  it('in a container: suggests a floating license or a volume, and makes no installation id', async () => {
    const dataDir = await temporaryDir()
    const OVERLAY = 0x794c7630
    const found = await examine({ appName: 'acme', dataDir }, machine(MACHINE_ID, DOCKER, OVERLAY))
    expect(found.host).toMatchObject({
      hostId: null,
      source: 'installation',
      container: true,
      machineIdProblem: 'container',
    })
    expect(found.folder.lasts).toBe('as-long-as-container')
    expect(found.notes.join()).toMatch(/floating license.*volume.*lost with it/)
    expect(found.healthy).toBe(true)
    expect(await readdir(dataDir)).toEqual([])
  })

  it('that cannot be told keeps the app from working', async () => {
    const blocked = path.join(await temporaryDir(), 'a-file')
    await writeFile(blocked, '')
    const found = await examine({ appName: 'acme', dataDir: path.join(blocked, 'below') }, machine(undefined))
    expect(found.folder).toMatchObject({ writable: false, systemCode: 'ENOTDIR' })
    expect(found.problems[0]).toMatch(/^This computer cannot be identified/)
  })
})

describe('the folder', () => {
  it.each<[number, string]>([
    [EXT4, 'for-good'],
    [0x01021994, 'until-restart'],
    [0x794c7630, 'for-good'],
    [0, 'unknown'],
  ])('on a file system of type %i lasts: %s', async (type, lasts) => {
    const found = await examine({ appName: 'acme', dataDir: await temporaryDir() }, machine(MACHINE_ID, {}, type))
    expect(found.folder.lasts).toBe(lasts)
  })

  it('that cannot be written is a problem only while nothing is stored', async () => {
    const dataDir = path.join(await temporaryDir(), 'a-file')
    await writeFile(dataDir, '')
    const found = await examine({ appName: 'acme', dataDir }, PHYSICAL)
    expect(found.problems).toEqual([
      'The data folder cannot be written (ENOTDIR): an activation is forgotten at the next start.',
    ])
  })

  it('counts what the server has yet to be told', async () => {
    const dataDir = await temporaryDir()
    await writeFile(path.join(dataDir, 'uninstall-1.ticket'), '{}')
    const { folder, notes } = await examine({ appName: 'acme', dataDir }, PHYSICAL)
    expect(folder.pendingDeactivations).toBe(1)
    expect(notes).toContainEqual(expect.stringContaining('1 deactivated'))
  })
})

describe('the license', () => {
  it.each<[number, object, boolean]>([
    [8, { status: 'valid', refreshDue: true }, true],
    [15, { status: 'grace', refreshDue: true }, true],
    [30, { status: 'expired', reason: 'TOKEN_EXPIRED' }, false],
    // The server tells no time here, but it did: the license lives on the budget.
    [-1, { status: 'valid', refreshDue: true }, true],
  ])('%i days later', async (days, license, healthy) => {
    const { doctor, server } = await setUp()
    server.now = daysLater(days)
    const found = await doctor({ now: () => daysLater(days) })
    expect(found).toMatchObject({ license, healthy })
    if (!healthy) expect(found.problems[0]).toBe(found.license.message)
  })

  it('is verified with the keys given, or those published, or not at all', async () => {
    const { doctor, server } = await setUp()
    expect((await doctor()).license).toMatchObject({
      status: 'valid',
      verifiedWith: 'server-keys',
      signedWith: server.key.kid,
    })
    const other = await doctor({ trustedKeys: [createSigningKey().jwk] })
    expect(other).toMatchObject({
      healthy: false,
      license: { status: 'untrusted', reason: 'TOKEN_KEY_UNKNOWN', verifiedWith: 'none' },
    })
    await server.close()
    const offline = await doctor()
    expect(offline).toMatchObject({ healthy: true, license: { status: 'valid', verifiedWith: 'none' } })
    expect(offline.notes.join()).toContain('was not verified')
  })

  it('altered, is untrusted', async () => {
    const { doctor, dataDir } = await setUp()
    const file = path.join(dataDir, 'license.json')
    const stored = JSON.parse(await readFile(file, 'utf8'))
    const [head, payload = '', signature] = stored.licenseToken.split('.')
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString())
    const forged = Buffer.from(JSON.stringify({ ...claims, exp: claims.exp + DAY })).toString('base64url')
    await writeFile(file, JSON.stringify({ ...stored, licenseToken: `${head}.${forged}.${signature}` }))
    expect((await doctor()).license).toMatchObject({ status: 'untrusted', reason: 'TOKEN_SIGNATURE' })
  })

  it.each<[string, string, string]>([
    ['refused', '{"version":1,"refused":"LICENSE_BLOCKED"}', 'LICENSE_BLOCKED'],
    ['newer', '{"version":2}', 'CACHE_NEWER'],
    ['nonsense', '\0', 'CACHE_CORRUPT'],
  ])('%s', async (_, text, reason) => {
    const dataDir = await temporaryDir()
    await writeFile(path.join(dataDir, 'license.json'), text)
    const found = await examine({ appName: 'acme', dataDir }, PHYSICAL)
    expect(found).toMatchObject({ healthy: false, license: { reason, maskedKey: null } })
    expect(await readdir(dataDir)).toEqual(['license.json'])
  })

  it('tells what came of the last contact of the app, and why a usable license may end', async () => {
    const { doctor, dataDir } = await setUp()
    expect((await doctor()).license.lastContact).toEqual({ at: NOW, code: 'OK' })
    const file = path.join(dataDir, 'license.json')
    const record = JSON.parse(await readFile(file, 'utf8'))
    await writeFile(file, JSON.stringify({ ...record, contact: { ...record.contact, code: 'INVALID_ACCESS_TOKEN' } }))
    const refused = await doctor()
    expect(refused).toMatchObject({ healthy: true, license: { usable: true } })
    expect(refused.license.lastContact?.code).toBe('INVALID_ACCESS_TOKEN')
    expect(refused.notes.join()).toContain('INVALID_ACCESS_TOKEN')
  })

  it('sealed by the app itself is left to the app', async () => {
    const dataDir = await temporaryDir()
    await writeFile(path.join(dataDir, 'license.json'), '{"version":1,"sealed":"AAAA"}')
    const found = await examine({ appName: 'acme', dataDir }, PHYSICAL)
    expect(found).toMatchObject({ healthy: true, license: { reason: 'CACHE_SEALED' } })
    expect(found.notes.join()).toContain('secret store')
  })

  it('that cannot be read is no crash', async () => {
    const dataDir = await temporaryDir()
    await mkdir(path.join(dataDir, 'license.json'))
    expect(await examine({ appName: 'acme', dataDir }, PHYSICAL)).toMatchObject({
      healthy: false,
      license: { reason: 'CACHE_UNREADABLE' },
    })
  })
})

const ENDINGS: (() => void)[] = []

afterEach(() => {
  for (const end of ENDINGS.splice(0)) end()
})

describe('the server', () => {
  it('that cannot be reached is a problem only without a usable license', async () => {
    const { doctor, server } = await setUp()
    await server.close()
    const offline = await doctor()
    expect(offline).toMatchObject({ healthy: true, server: { health: 'unreachable', systemCode: 'ECONNREFUSED' } })
    expect(offline.notes.join()).toContain('cannot be reached')
    expect(await doctor({ dataDir: await temporaryDir(), serverUrl: server.url })).toMatchObject({
      healthy: false,
      problems: [expect.stringContaining('cannot be reached')],
    })
  })

  it.each<[string, Fault, object]>([
    ['hangs', () => true, { health: 'unreachable', systemCode: 'ETIMEDOUT', publishedKeys: null }],
    [
      'is a login page',
      (r) => r.end('<html>') !== undefined,
      { health: 'not-ours', httpStatus: 200, clockAheadSeconds: null },
    ],
    [
      'redirects',
      (r) => r.writeHead(302, { location: '/' }).end() !== undefined,
      { health: 'not-ours', httpStatus: 302 },
    ],
  ])('%s', async (_, fault, expected) => {
    const { doctor, server } = await setUp()
    server.fault = fault
    expect((await doctor({ timeoutMs: 200 })).server).toMatchObject(expected)
  })

  it('without its storage is unhealthy', async () => {
    const { doctor, server } = await setUp()
    server.fault = wellKnown(server, { status: 'unavailable' })
    expect((await doctor()).server).toMatchObject({ health: 'unhealthy', publishedKeys: 1 })
  })

  it('has another clock than a computer that is behind: nothing activated now would count', async () => {
    const server = await startServer()
    const now = () => new Date(NOW.getTime() - 3_600_000)
    const found = await examine(
      { appName: 'acme', dataDir: await temporaryDir(), serverUrl: server.url, now },
      PHYSICAL,
    )
    expect(found.server).toMatchObject({ clockAheadSeconds: 3_600 })
    expect(found.problems).toEqual([expect.stringContaining('is 60 minutes behind')])
  })

  it('has another clock than a computer that is ahead: a note', async () => {
    const server = await startServer()
    const found = await examine(
      { appName: 'acme', dataDir: await temporaryDir(), serverUrl: server.url, now: () => daysLater(4) },
      PHYSICAL,
    )
    expect(found).toMatchObject({ healthy: true, server: { clockAheadSeconds: -4 * DAY } })
    expect(found.notes).toContainEqual(expect.stringContaining('is 4 days ahead'))
  })

  it('behind an interceptor: says what makes Node trust it', async () => {
    const interceptor = createTlsServer(createCertificate())
    await new Promise<void>((resolve) => interceptor.listen(0, '127.0.0.1', resolve))
    ENDINGS.push(() => interceptor.close())
    const serverUrl = `https://127.0.0.1:${(interceptor.address() as AddressInfo).port}`
    const found = await examine({ appName: 'acme', dataDir: await temporaryDir(), serverUrl }, PHYSICAL)
    expect(found.server).toMatchObject({ health: 'unreachable', systemCode: 'DEPTH_ZERO_SELF_SIGNED_CERT' })
    expect(found.problems.join()).toContain('NODE_EXTRA_CA_CERTS')
  })

  it('tells the way to it, without a proxy’s password', async () => {
    const [server, proxy] = [await startServer(), await startProxy()]
    const serverUrl = server.url.replace('127.0.0.1', 'licenses.test')
    const options = { appName: 'acme', dataDir: await temporaryDir(), serverUrl, now: () => NOW }
    const withPassword = proxy.url.replace('//', '//ada:hunter2@')
    const through = await examine({ ...options, proxy: withPassword }, PHYSICAL)
    expect(through.server).toMatchObject({ health: 'ok', route: { proxy: proxy.url, because: 'the app names it' } })
    // Told by somebody on the way, for all we know.
    expect(through.server?.clockAheadSeconds).toBeNull()
    expect(through.notes.join()).toContain('plain http:')

    proxy.fault = (socket) => socket.end('HTTP/1.1 407 No\r\n\r\n') !== undefined
    const refused = await examine({ ...options, proxy: withPassword }, PHYSICAL)
    expect(refused.problems.join()).toContain('proxy')
    expect(JSON.stringify([through, refused])).not.toContain('hunter2')
  })

  it.each<[Record<string, string>, string]>([
    [{}, 'none: the environment names no proxy'],
    [{ https_proxy: 'http://ada:hunter2@p:1' }, 'http://p:1: https_proxy'],
    [{ HTTPS_PROXY: 'http://p', NO_PROXY: 'example.com' }, 'none: NO_PROXY exempts it'],
    [{ ALL_PROXY: 'socks5://p' }, 'none: ALL_PROXY names no http: or https: proxy'],
  ])('%j: by %s', (env, expected) => {
    const asking = { serverUrl: 'https://licenses.example.com', proxy: undefined, ownFetch: false, env }
    const { proxy, because } = describeRoute(asking)
    expect(`${proxy ?? 'none'}: ${because}`).toBe(expected)
    expect(describeRoute({ ...asking, proxy: false }).because).toBe('the app wants no proxy')
    expect(describeRoute({ ...asking, ownFetch: true }).because).toBe("the app's own fetch decides")
    expect(describeRoute({ ...asking, serverUrl: 'http://[::1]:1' }).because).toBe('the server is on this computer')
  })
})
