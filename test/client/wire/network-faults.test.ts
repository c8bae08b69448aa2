import { writeFile } from 'node:fs/promises'
import type { ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, describe, expect, it } from 'vitest'
import { isLicenseError, type LicenseCheck, type LicenseKit, type LicenseKitOptions } from '../../../src/client'
import { createFetch } from '../../../src/client/wire/create-fetch'
import { createCertificate } from '../certificate'
import { createDesk, type Desk } from '../desk'
import { type Fault, PUBLISHABLE_TOKEN, startLicenseServer } from '../fake-license-server'
import { startProxy } from '../fake-proxy'
import { printFigures } from '../figures'
import type { FakeProxy } from '../proxy-on-loopback'
import { temporaryDir } from '../temporary-dir'
import { DAY, LICENSE_KEY, NOW, PRODUCT_ID } from '../token-factory'

/** A computer with a license, and what stands between it and its server. */
interface Scene extends Desk {
  readonly proxy: FakeProxy
}

/** What a fault does to the network; returns what the app's options are under it. */
type Network = (scene: Scene) => Partial<LicenseKitOptions> | Promise<Partial<LicenseKitOptions>>

/** For calls under a fault, so that a battery takes seconds; the default limits have a case of their own. */
const TRY_MS = 150
const TOTAL_MS = 500
const IN_HASTE = { tryTimeoutMs: TRY_MS, totalTimeoutMs: TOTAL_MS, deactivateTimeoutMs: TOTAL_MS }
/** A busy machine's part in a measured duration. */
const SLACK_MS = 1_500

const ENDINGS: (() => void)[] = []

afterEach(() => {
  for (const end of ENDINGS.splice(0)) end()
})

/** Patient, as by default. */
async function setUp(): Promise<Scene> {
  const patience = { maxTries: undefined, tryTimeoutMs: undefined, deactivateTimeoutMs: undefined }
  const [desk, proxy] = [await createDesk({ ...patience, dangerouslyAllowPlainHttp: true }), await startProxy()]
  return { ...desk, proxy }
}

/** The server, or whoever took its place, answers so. */
function answering(fault: Fault): Network {
  return ({ server }) => {
    server.fault = fault
    return {}
  }
}

const reply =
  (status: number, body: string | Buffer, headers: Record<string, string> = {}): Fault =>
  (response) =>
    response.writeHead(status, headers).end(body) !== undefined

/** As our server says it. */
const refusal = (status: number, body: string, code: string) => reply(status, body, { 'keyslot-error': code })

const LOGIN_PAGE = '<!doctype html><title>Hotel Wi-Fi</title><p>Please log in'
const BLOCKED = '{"message":"License not activated","code":2}'

/** Repeats until nobody listens. */
function keepWriting(response: ServerResponse, chunk: string, everyMs: number): true {
  response.writeHead(200, { 'content-type': 'application/json' })
  const timer = setInterval(() => response.write(chunk), everyMs)
  response.on('close', () => clearInterval(timer))
  return true
}

/** The server behind a proxy, which alone knows its name, and which does this to each tunnel. */
function proxied(fault: FakeProxy['fault']): Network {
  return ({ server, proxy }) => {
    proxy.fault = fault
    return { proxy: proxy.url, serverUrl: server.url.replace('127.0.0.1', 'licenses.test') }
  }
}

async function untrustedTls({ server }: Scene): Promise<Partial<LicenseKitOptions>> {
  const impostor = createTlsServer(createCertificate('localhost'), (_, response) =>
    response.writeHead(403).end(BLOCKED),
  )
  await new Promise<void>((resolve) => impostor.listen(0, '127.0.0.1', resolve))
  ENDINGS.push(() => impostor.close())
  const { port } = impostor.address() as AddressInfo
  return { serverUrl: server.url.replace(/^http:\/\/[^/]+/, `https://127.0.0.1:${port}`) }
}

/** What says nothing about a license, whatever it looks like. */
const INCONCLUSIVE: Record<string, Network> = {
  'server down': async () => {
    const down = await startLicenseServer()
    await down.close()
    return { serverUrl: down.url }
  },
  'black hole': answering(() => true),
  'connection reset': answering((response) => response.destroy() !== undefined),
  // Too long a label for any resolver to ask about.
  'name not found': () => ({ serverUrl: `http://${'x'.repeat(64)}.test/licensing` }),
  'certificate not trusted': untrustedTls,
  '500': answering(reply(500, '{"message":"Server error","code":1}')),
  '500 of the wrong shape': answering(reply(500, BLOCKED)),
  '503 with Retry-After beyond patience': answering(reply(503, '', { 'retry-after': '3600' })),
  '429': answering(reply(429, '{"message":"slow down","code":3}')),
  '429 with Retry-After': answering(reply(429, '{"message":"slow down","code":3}', { 'retry-after': '1' })),
  'captive portal, 200 and HTML': answering(reply(200, LOGIN_PAGE, { 'content-type': 'text/html' })),
  'captive portal, 200 and JSON': answering(reply(200, '{"status":"login required"}')),
  'captive portal, 403 and HTML': answering(reply(403, LOGIN_PAGE)),
  'captive portal, 404 and HTML': answering(reply(404, LOGIN_PAGE)),
  'captive portal, 511': answering(reply(511, LOGIN_PAGE)),
  'redirect to a login page': answering((response, { path }) =>
    reply(path === '/login' ? 200 : 302, path === '/login' ? LOGIN_PAGE : '', { location: '/login' })(response, {
      path,
      headers: {},
      body: {},
    }),
  ),
  'redirect to a page that says blocked': answering((response, { path }) =>
    reply(path === '/login' ? 403 : 307, BLOCKED, { location: '/login' })(response, { path, headers: {}, body: {} }),
  ),
  'slow drip': answering((response) => keepWriting(response, ' ', 20)),
  'endless page': answering((response) => keepWriting(response, 'x'.repeat(262_144), 1)),
  'packed page, 64 MB': answering(reply(200, gzipSync(Buffer.alloc(64_000_000)), { 'content-encoding': 'gzip' })),
  'truncated body': answering((response) => {
    response.writeHead(200, { 'content-length': '500' }).write('{"code":0,"valid":false,')
    setTimeout(() => response.destroy(), 10)
    return true
  }),
  'truncated JSON': answering(reply(200, '{"code":0,"valid":false,"reason":"revoked"')),
  'not UTF-8': answering(reply(200, Buffer.from([0xff, 0xfe, 0x00, 0xd8]))),
  'a token of an unknown key': answering(reply(200, '{"code":0,"valid":true,"licenseToken":"e30.e30.e30"}')),
  'proxy down': ({ server }) => ({
    proxy: 'http://127.0.0.1:9',
    serverUrl: server.url.replace('127.0.0.1', 'licenses.test'),
  }),
  'proxy wants a password (407)': proxied(
    (socket) => socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n') !== undefined,
  ),
  'proxy cannot connect (502)': proxied((socket) => socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n') !== undefined),
  'proxy says in the server’s words: blocked': proxied(
    (socket) =>
      socket.end(`HTTP/1.1 403 Forbidden\r\ncontent-length: ${BLOCKED.length}\r\n\r\n${BLOCKED}`) !== undefined,
  ),
  'proxy answers for the server, tunnel and all': proxied(
    (socket) => socket.end(`HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 403 Forbidden\r\n\r\n${BLOCKED}`) !== undefined,
  ),
  'proxy never answers': proxied(() => true),
  'proxy hangs up': proxied((socket) => socket.destroy() !== undefined),
  'tunnel cut': proxied((socket) => {
    socket.write('HTTP/1.1 200 OK\r\n\r\n')
    setTimeout(() => socket.destroy(), 10)
    return true
  }),
}

/** What ends a license, and what check() says then. */
const CONCLUSIVE: Record<string, [Fault, Partial<LicenseCheck>]> = {
  'blocked (403)': [refusal(403, BLOCKED, 'LICENSE_BLOCKED'), { status: 'revoked', reason: 'LICENSE_BLOCKED' }],
  'expired (403)': [
    refusal(403, '{"message":"License expired","code":2}', 'LICENSE_EXPIRED'),
    { status: 'revoked', reason: 'LICENSE_EXPIRED' },
  ],
  'valid: false': [reply(200, '{"code":0,"valid":false,"reason":"revoked"}'), { status: 'revoked', reason: 'REVOKED' }],
  'this host freed': [
    reply(200, '{"code":0,"valid":false,"reason":"activation-revoked"}'),
    { status: 'revoked', reason: 'ACTIVATION_REVOKED' },
  ],
}

/** What a hasty client does: whatever is no 200 with `valid: true` means that there is no license. */
async function naiveRefresh({ serverUrl, proxy }: Partial<LicenseKitOptions>): Promise<boolean> {
  try {
    const init = { method: 'POST', headers: {}, redirect: 'manual', signal: AbortSignal.timeout(TRY_MS) } as const
    const response = await createFetch(proxy)(`${serverUrl}/key/validate`, init)
    const { valid } = JSON.parse(await response.text()) as { valid?: boolean }
    return response.status === 200 && valid === true
  } catch {
    return false
  }
}

interface Timed<T> {
  readonly result: T
  readonly ms: number
}

async function timed<T>(work: () => Promise<T>): Promise<Timed<T>> {
  const startedAt = performance.now()
  const result = await work()
  return { result, ms: Math.round(performance.now() - startedAt) }
}

const figures = { faults: 0, timedCalls: 0, wrongLocks: 0, longestMs: 0, wrongLocksOfControl: 0, longestByDefaultMs: 0 }

printFigures('C07', figures)

/** Runs a call that must end within its limit, and gives what came of it. */
async function within<T>(limitMs: number, work: () => Promise<T>): Promise<T> {
  const { result, ms } = await timed(work)
  figures.timedCalls++
  figures.longestMs = Math.max(figures.longestMs, ms)
  expect(ms).toBeLessThan(limitMs + SLACK_MS)
  return result
}

const daysLater = (days: number) => new Date(NOW.getTime() + days * DAY * 1000)

describe('a fault of the network locks nobody out', () => {
  it.each(Object.entries(INCONCLUSIVE))('%s', async (_, network) => {
    const scene = await setUp()
    const { server } = scene
    await scene.start().activate(LICENSE_KEY)
    const changes = { ...IN_HASTE, ...(await network(scene)) }
    figures.faults++

    for (const [days, status] of [
      [10, 'valid'],
      [16, 'grace'],
    ] as const) {
      scene.clock.now = server.now = daysLater(days)
      const refreshed = await within(TOTAL_MS, () => scene.start(changes).refresh())
      if (!refreshed.usable) figures.wrongLocks++
      expect(refreshed).toMatchObject({ status, refreshDue: true, persisted: true })
      expect(await scene.start().check()).toMatchObject({ status })
    }
    if (!(await naiveRefresh({ serverUrl: server.url, ...changes }))) figures.wrongLocksOfControl++

    // Of another host: a request that it has given up may reach the server once the fault is over, and must take nobody's slot.
    const elsewhere = scene.start({ ...changes, dataDir: await temporaryDir(), hostId: 'elsewhere' })
    const denied = await within(TOTAL_MS, () => elsewhere.activate(LICENSE_KEY).catch((error: unknown) => error))
    expect(isLicenseError(denied) && denied.code).toMatch(
      /^(SERVER_UNREACHABLE|CONNECTION_INTERCEPTED|RATE_LIMITED|TOKEN_MALFORMED)$/,
    )
    expect(await elsewhere.check()).toMatchObject({ status: 'not-activated' })

    server.fault = undefined
    expect(await scene.start().refresh()).toMatchObject({ status: 'valid', refreshDue: false })
    await network(scene)
    expect((await within(TOTAL_MS, () => scene.start(changes).deactivate())).outcome).toMatch(
      /^(freed|queued-offline)$/,
    )
  })

  it('while a client that takes every failure for a no locks out nearly always', () => {
    expect(figures.wrongLocks).toBe(0)
    expect(figures.wrongLocksOfControl).toBeGreaterThan(figures.faults * 0.9)
  })
})

describe('a definite no ends a license', () => {
  it.each(Object.entries(CONCLUSIVE))('%s', async (_, [fault, expected]) => {
    const scene = await setUp()
    await scene.start().activate(LICENSE_KEY)
    scene.server.fault = fault
    expect(await scene.start().refresh()).toMatchObject({ ...expected, usable: false })
    await scene.server.close()
    expect(await scene.start().check()).toMatchObject(expected)
  })

  it('through a proxy, too', async () => {
    const scene = await setUp()
    await scene.start().activate(LICENSE_KEY)
    const behindProxy = await proxied(undefined)(scene)
    scene.server.fault = refusal(403, BLOCKED, 'LICENSE_BLOCKED')
    expect(await scene.start(behindProxy).refresh()).toMatchObject({ status: 'revoked', reason: 'LICENSE_BLOCKED' })
  })
})

describe('what a person is told', () => {
  it('where a certificate is not trusted: how to make Node trust it', async () => {
    const scene = await setUp()
    const error = await scene
      .start({ ...(await untrustedTls(scene)), maxTries: 1 })
      .activate(LICENSE_KEY)
      .catch((thrown: unknown) => thrown)
    expect(isLicenseError(error) && error.message).toContain('NODE_EXTRA_CA_CERTS')
  })

  it('where a proxy refuses: that it was the proxy', async () => {
    const scene = await setUp()
    const refusing = await proxied((socket) => socket.end('HTTP/1.1 407 No\r\n\r\n') !== undefined)(scene)
    const error = await scene
      .start({ ...refusing, maxTries: 1 })
      .activate(LICENSE_KEY)
      .catch((thrown: unknown) => thrown)
    expect(isLicenseError(error) && error.message).toContain('proxy')
    expect(isLicenseError(error) && error.cause).toMatchObject({
      message: expect.stringContaining('PROXY_ANSWERED_407'),
    })
  })
})

/** What an uninstaller left behind: slots to be freed before anything else is asked. */
async function leaveTickets(dataDir: string, serverUrl: string): Promise<void> {
  for (const hostId of ['host-x', 'host-y']) {
    const endpoint = { serverUrl, accessToken: PUBLISHABLE_TOKEN, allowPlainHttp: true, productId: PRODUCT_ID }
    const ticket = { version: 1, ...endpoint, licenseKey: LICENSE_KEY, hostId, idempotencyKey: hostId }
    await writeFile(path.join(dataDir, `uninstall-${hostId}.ticket`), JSON.stringify(ticket))
  }
}

describe('with the default limits, in real time', () => {
  const LIMIT_MS = 15_000

  it('nothing takes longer than 15 seconds, tickets of earlier uninstalls included', async () => {
    const measured = ['black hole', 'slow drip', '429 with Retry-After'].flatMap((fault) => [
      measure(fault, (kit) => kit.refresh()),
      measure(fault, (kit) => kit.activate(LICENSE_KEY).catch((error: unknown) => error)),
    ])
    const slow = measure(
      'black hole',
      (kit) => kit.refresh(),
      (path) => path.includes('/revocations/'),
    )
    const durations = await Promise.all([...measured, slow])
    figures.longestByDefaultMs = Math.max(...durations)
    expect(figures.longestByDefaultMs).toBeLessThan(LIMIT_MS + SLACK_MS)
    expect(figures.longestByDefaultMs).toBeGreaterThan(5_000)

    /** @param where which requests the fault hits; all unless given */
    async function measure(
      fault: string,
      work: (kit: LicenseKit) => Promise<unknown>,
      where: (path: string) => boolean = () => true,
    ): Promise<number> {
      const dataDir = await temporaryDir()
      const scene = await setUp()
      await scene.start({ dataDir }).activate(LICENSE_KEY)
      scene.clock.now = daysLater(10)
      await INCONCLUSIVE[fault]?.(scene)
      const { fault: everywhere } = scene.server
      scene.server.fault = (response, request) => (where(request.path) ? everywhere?.(response, request) : false)
      await leaveTickets(dataDir, scene.server.url)
      return (await timed(() => work(scene.start({ dataDir })))).ms
    }
  })
})
