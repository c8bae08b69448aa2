import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createLicenseKit, type LicenseKitOptions } from '../../../src/client'
import { isExempt } from '../../../src/client/wire/proxy/no-proxy'
import { findRoute } from '../../../src/client/wire/proxy/route'
import { createCertificate } from '../certificate'
import { PUBLISHABLE_TOKEN, startLicenseServer } from '../fake-license-server'
import { startProxy } from '../fake-proxy'
import { compileScript } from '../processes'
import { temporaryDir } from '../temporary-dir'
import { HOST_ID, LICENSE_KEY, NOW, PRODUCT_ID } from '../token-factory'

describe('NO_PROXY', () => {
  it.each<[string, string]>([
    ['*', 'https://licenses.example.com'],
    ['example.com', 'https://example.com'],
    ['example.com', 'https://licenses.example.com'],
    ['.example.com', 'https://licenses.example.com'],
    ['.example.com', 'https://example.com'],
    ['*.example.com', 'https://licenses.example.com'],
    ['EXAMPLE.com.', 'https://licenses.example.COM.'],
    ['other.com, example.com', 'https://example.com'],
    ['other.com example.com', 'https://example.com'],
    ['example.com:443', 'https://example.com'],
    ['example.com:8443', 'https://example.com:8443'],
    ['example.com:80', 'http://example.com'],
    ['10.1.2.3', 'https://10.1.2.3'],
    ['10.1.2.3:8443', 'https://10.1.2.3:8443'],
    ['10.0.0.0/8', 'https://10.1.2.3'],
    ['10.0.0.0/8', 'https://[::ffff:10.1.2.3]'],
    ['0.0.0.0/0', 'https://10.1.2.3'],
    ['2001:db8::1', 'https://[2001:db8:0::1]'],
    ['[2001:db8::1]:8443', 'https://[2001:db8::1]:8443'],
    ['2001:db8::/32', 'https://[2001:db8:ffff::1]'],
  ])('%s exempts %s', (noProxy, url) => {
    expect(isExempt(new URL(url), noProxy)).toBe(true)
  })

  it.each<[string, string]>([
    ['', 'https://example.com'],
    [',, ,', 'https://example.com'],
    ['example.com', 'https://notexample.com'],
    ['example.com', 'https://example.com.evil.net'],
    ['licenses.example.com', 'https://example.com'],
    ['example.com:8443', 'https://example.com'],
    ['example.com:443', 'http://example.com'],
    ['.', 'https://example.com'],
    ['*.', 'https://example.com'],
    ['10.0.0.0/8', 'https://11.1.2.3'],
    ['10.0.0.0/33', 'https://10.0.0.0'],
    ['10.0.0.0/8/8', 'https://10.0.0.0'],
    ['10.0.0.0/', 'https://10.0.0.0'],
    ['10.0.0.0/8', 'https://10.example.com'],
    ['3', 'https://10.1.2.3'],
    ['2.3', 'https://10.1.2.3'],
    ['2001:db8::/32', 'https://[2001:db9::1]'],
    ['2001:db8::/129', 'https://[2001:db8::]'],
    ['2001:db8::1', 'https://10.1.2.3'],
  ])('%s leaves %s alone', (noProxy, url) => {
    expect(isExempt(new URL(url), noProxy)).toBe(false)
  })
})

describe('the route of a request', () => {
  const secure = new URL('https://licenses.example.com/api')
  const plain = new URL('http://licenses.example.com/api')

  it.each<[string, URL, string | undefined, Record<string, string>, string]>([
    ['https', secure, undefined, { HTTPS_PROXY: 'http://p:1' }, 'HTTPS_PROXY http://p:1/'],
    ['http', plain, undefined, { HTTP_PROXY: 'http://p:1' }, 'HTTP_PROXY http://p:1/'],
    [
      'lower case first',
      secure,
      undefined,
      { HTTPS_PROXY: 'http://p:1', https_proxy: 'http://q' },
      'https_proxy http://q/',
    ],
    ['every scheme', secure, undefined, { ALL_PROXY: 'https://p' }, 'ALL_PROXY https://p/'],
    [
      'its own before every',
      plain,
      undefined,
      { all_proxy: 'http://p', HTTP_PROXY: 'http://q' },
      'HTTP_PROXY http://q/',
    ],
    ['without a scheme', secure, undefined, { HTTPS_PROXY: 'proxy.corp:8080' }, 'HTTPS_PROXY http://proxy.corp:8080/'],
    ['the option', secure, 'http://p', { HTTPS_PROXY: 'http://q', NO_PROXY: '*' }, 'null http://p/'],
    ['not exempt', secure, undefined, { HTTPS_PROXY: 'http://p', NO_PROXY: 'example.org' }, 'HTTPS_PROXY http://p/'],
    ['another scheme', secure, undefined, { HTTP_PROXY: 'http://p' }, 'direct: not-set null'],
    ['nothing', secure, undefined, {}, 'direct: not-set null'],
    ['emptied', secure, undefined, { HTTPS_PROXY: '' }, 'direct: not-set null'],
    ['exempt', secure, undefined, { HTTPS_PROXY: 'http://p', no_proxy: 'example.com' }, 'direct: exempt no_proxy'],
    ['SOCKS', secure, undefined, { ALL_PROXY: 'socks5://p:1080' }, 'direct: unsupported ALL_PROXY'],
    ['nonsense', secure, undefined, { HTTPS_PROXY: 'http://' }, 'direct: unsupported HTTPS_PROXY'],
    ['localhost', new URL('http://localhost:3000'), 'http://p', {}, 'direct: loopback null'],
    ['127.0.0.1', new URL('http://127.0.0.1:3000'), undefined, { HTTP_PROXY: 'http://p' }, 'direct: loopback null'],
    ['::1', new URL('https://[::1]:3000'), undefined, { HTTPS_PROXY: 'http://p' }, 'direct: loopback null'],
  ])('%s', (_, url, option, env, expected) => {
    const route = findRoute(url, option, env)
    const shown =
      route.via === 'proxy' ? `${route.variable} ${route.proxy.href}` : `direct: ${route.reason} ${route.variable}`
    expect(shown).toBe(expected)
  })
})

const VARIABLES = ['HTTPS_PROXY', 'HTTP_PROXY', 'ALL_PROXY', 'NO_PROXY']

beforeEach(() => {
  for (const name of VARIABLES) {
    vi.stubEnv(name, undefined)
    vi.stubEnv(name.toLowerCase(), undefined)
  }
})

afterEach(() => {
  vi.unstubAllEnvs()
})

/** A server behind a proxy that alone can resolve its name. */
async function setUp(changes: Partial<LicenseKitOptions> = {}) {
  const [server, proxy] = [await startLicenseServer(), await startProxy()]
  const options: LicenseKitOptions = {
    serverUrl: server.url.replace('127.0.0.1', 'licenses.test'),
    productId: PRODUCT_ID,
    accessToken: PUBLISHABLE_TOKEN,
    trustedKeys: [server.key.jwk],
    appName: 'acme-editor',
    dataDir: await temporaryDir(),
    hostId: HOST_ID,
    now: () => NOW,
    maxTries: 1,
    tryTimeoutMs: 2_000,
    dangerouslyAllowPlainHttp: true,
    ...changes,
  }
  return { server, proxy, options, serverPort: new URL(server.url).port }
}

const failure = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => expect.fail('should have thrown'),
    (error: unknown) => error,
  )

describe('a kit behind a proxy', () => {
  it.each(['HTTP_PROXY', 'http_proxy', 'ALL_PROXY'])('tunnels through %s', async (variable) => {
    const { proxy, server, options, serverPort } = await setUp()
    vi.stubEnv(variable, proxy.url)
    const kit = createLicenseKit(options)
    expect(await kit.activate(LICENSE_KEY)).toMatchObject({ status: 'valid' })
    expect(await kit.deactivate()).toMatchObject({ outcome: 'freed' })
    expect(proxy.tunnels.map(({ authority }) => authority)).toEqual(Array(2).fill(`licenses.test:${serverPort}`))
    expect(proxy.plainRequests).toBe(0)
    expect(server.requests[0]?.headers).toMatchObject({
      host: `licenses.test:${serverPort}`,
      authorization: `Bearer ${PUBLISHABLE_TOKEN}`,
    })
    expect(server.requests[0]?.headers).not.toHaveProperty('proxy-authorization')
  })

  it('takes the option, with name and password, which only the proxy sees', async () => {
    const { proxy, server, options } = await setUp()
    vi.stubEnv('HTTP_PROXY', 'http://127.0.0.1:1')
    const kit = createLicenseKit({ ...options, proxy: `http://a%40da:100%@127.0.0.1:${proxy.port}` })
    expect(await kit.activate(LICENSE_KEY)).toMatchObject({ status: 'valid' })
    const seen = proxy.tunnels[0]?.headers
    expect(Buffer.from(seen?.['proxy-authorization']?.slice(6) ?? '', 'base64').toString()).toBe('a@da:100%')
    expect(seen).not.toHaveProperty('authorization')
    expect(JSON.stringify(server.requests[0]?.headers)).not.toContain('Basic')
  })

  it('goes direct where told: proxy: false, NO_PROXY, loopback, a fetch of its own', async () => {
    const { proxy, server, options } = await setUp({ serverUrl: 'http://licenses.test' })
    const asked: string[] = []
    const fetch: NonNullable<LicenseKitOptions['fetch']> = (url, init) => {
      asked.push(url)
      return globalThis.fetch(url.replace('http://licenses.test', server.url), init)
    }
    vi.stubEnv('HTTP_PROXY', proxy.url)
    await createLicenseKit({ ...options, fetch }).activate(LICENSE_KEY)
    await createLicenseKit({ ...options, serverUrl: server.url }).activate(LICENSE_KEY)
    expect(asked).toEqual(['http://licenses.test/key/activate'])

    const nativeFetch = vi.spyOn(globalThis, 'fetch').mockRejectedValue(new Error('direct'))
    await failure(createLicenseKit({ ...options, proxy: false }).activate(LICENSE_KEY))
    vi.stubEnv('NO_PROXY', '.test')
    await failure(createLicenseKit(options).activate(LICENSE_KEY))
    expect(nativeFetch).toHaveBeenCalledTimes(2)
    nativeFetch.mockRestore()
    expect(proxy.tunnels).toEqual([])
  })

  it('ends a page without end', async () => {
    const { proxy, server, options } = await setUp()
    let sent = 0
    const cut = new Promise<void>((resolve) => {
      server.fault = (response) => {
        const fill = () => {
          while (!response.destroyed && response.write('x'.repeat(65_536))) sent += 65_536
        }
        response.on('drain', fill).on('close', resolve)
        fill()
        return true
      }
    })
    const kit = createLicenseKit({ ...options, proxy: proxy.url, tryTimeoutMs: 60_000, totalTimeoutMs: 60_000 })
    expect(await failure(kit.activate(LICENSE_KEY))).toMatchObject({ code: 'SERVER_UNREACHABLE' })
    await cut
    expect(sent).toBeLessThan(64_000_000)
  })

  it('obeys an environment that changes while it runs', async () => {
    const { proxy, options } = await setUp()
    vi.stubEnv('HTTP_PROXY', 'http://127.0.0.1:9')
    const kit = createLicenseKit(options)
    expect(await failure(kit.activate(LICENSE_KEY))).toMatchObject({ code: 'SERVER_UNREACHABLE' })
    vi.stubEnv('HTTP_PROXY', proxy.url)
    expect(await kit.activate(LICENSE_KEY)).toMatchObject({ status: 'valid' })
  })

  it.each<[unknown]>([['proxy.corp:8080'], ['socks5://p'], ['http://'], [true], [null]])(
    'refuses proxy: %s',
    (proxy) => {
      const options = { serverUrl: 'https://licenses.test', proxy } as unknown as LicenseKitOptions
      expect(() =>
        createLicenseKit({
          ...options,
          productId: PRODUCT_ID,
          accessToken: PUBLISHABLE_TOKEN,
          trustedKeys: [{ kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' }],
          appName: 'acme',
        }),
      ).toThrow(new TypeError('proxy must be an http: or https: URL, or false'))
    },
  )
})

/** A whole kit in a process of its own, where NODE_EXTRA_CA_CERTS is read. */
const KIT = `
  import { readFileSync } from 'node:fs'
  import { createLicenseKit } from '../../src/client'
  const [options, licenseKey] = JSON.parse(readFileSync(process.argv[2], 'utf8'))
  try {
    const { status } = await createLicenseKit({ ...options, now: () => new Date('${NOW.toISOString()}') }).activate(licenseKey)
    process.stdout.write(status)
  } catch (error) {
    process.stdout.write(error.code + ': ' + error.message + ' ' + error.cause?.message)
  }
`

describe('TLS through a proxy', () => {
  it('is spoken with the proxy and with the server inside the tunnel, both verified', async () => {
    const run = await compileScript(KIT)
    const { server, options } = await setUp()
    const certificate = createCertificate('licenses.test')
    const [plainProxy, tlsProxy] = [await startProxy(), await startProxy(certificate)]
    const front = createServer(certificate, async (request, response) => {
      const body = await new Response(request).text()
      const { host: _, 'content-length': __, ...headers } = request.headers
      const target = server.url.replace('/licensing', request.url ?? '')
      const answer = await fetch(target, { method: 'POST', body, headers: headers as Record<string, string> })
      response.writeHead(answer.status, { date: answer.headers.get('date') ?? '' }).end(await answer.text())
    })
    await new Promise<void>((resolve) => front.listen(0, '127.0.0.1', resolve))
    const { port } = front.address() as AddressInfo
    const dir = await temporaryDir()
    const trusted = path.join(dir, 'ca.pem')
    await writeFile(trusted, certificate.cert)

    const activate = async (host: string, env: Record<string, string>) => {
      const file = path.join(dir, 'options.json')
      const serverUrl = `https://${host}:${port}/licensing`
      await writeFile(file, JSON.stringify([{ ...options, serverUrl, dangerouslyAllowPlainHttp: false }, LICENSE_KEY]))
      const child = run([file], env)
      let text = ''
      child.stdout?.on('data', (chunk: Buffer) => {
        text += chunk.toString()
      })
      await once(child, 'close')
      return text
    }
    const trust = { NODE_EXTRA_CA_CERTS: trusted }
    try {
      expect(await activate('licenses.test', { ...trust, HTTPS_PROXY: plainProxy.url })).toBe('valid')
      expect(await activate('licenses.test', { ...trust, HTTPS_PROXY: tlsProxy.url })).toBe('valid')
      expect(await activate('licenses.test', { HTTPS_PROXY: plainProxy.url })).toMatch(
        /^CONNECTION_INTERCEPTED: .*“keyslot test”.*NODE_EXTRA_CA_CERTS.* DEPTH_ZERO_SELF_SIGNED_CERT$/,
      )
      expect(await activate('other.test', { ...trust, HTTPS_PROXY: plainProxy.url })).toMatch(
        /ERR_TLS_CERT_ALTNAME_INVALID$/,
      )
      expect(await activate('licenses.test', { HTTPS_PROXY: tlsProxy.url })).toMatch(/DEPTH_ZERO_SELF_SIGNED_CERT$/)
    } finally {
      front.close()
      front.closeAllConnections()
    }
    expect(plainProxy.tunnels).toHaveLength(3)
    expect(tlsProxy.tunnels).toHaveLength(1)
    expect(server.requests).toHaveLength(2)
  })
})
