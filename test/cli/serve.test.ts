import { existsSync, renameSync, statSync } from 'node:fs'
import { request } from 'node:http'
import { connect } from 'node:net'
import { describe, expect, it } from 'vitest'
import { DEFAULT_RATE_LIMITS, verifyWebhook } from '../../src/server/index'
import { createReceivers, type Received } from '../server/events/receiver'
import { keyslot, keyslotJson, keyslotUntil, type RunningServer, type ServeLine, serve } from './keyslot-process'
import { scratchStore } from './scratch-folder'

const start = createReceivers()

const READY = ['url', 'accountId', 'productId', 'packageId', 'secretToken', 'publishableToken', 'jwks']

function get(path: string, { url, secretToken }: Pick<ServeLine, 'url' | 'secretToken'>): Promise<Response> {
  return fetch(url + path, { headers: { Authorization: `Bearer ${secretToken}` } })
}

async function createKey({ url, productId, secretToken }: ServeLine, terms: object = {}): Promise<string> {
  const response = await fetch(`${url}/key`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${secretToken}`, 'Content-Type': 'application/json' },
    body: JSON.stringify({ productId, ...terms }),
  })
  return ((await response.json()) as { key: string }).key
}

describe('keyslot serve --json', () => {
  it('prints one line with exactly the fields a program needs, and serves what it says', async () => {
    const server = await serve('--storage', 'memory', '--no-rate-limit')
    const { line } = server

    expect(Object.keys(line)).toEqual(READY)
    expect(line.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
    expect(line.jwks).toBe(`${line.url}/.well-known/jwks.json`)
    expect(line.packageId).toBe(1)
    expect(line.secretToken).toMatch(/^at_/)
    expect(line.publishableToken).toMatch(/^pk_/)
    expect(await (await fetch(line.jwks)).json()).toMatchObject({ keys: [{ kty: 'OKP', crv: 'Ed25519' }] })
    expect(await createKey(line)).toMatch(/^[A-Z0-9-]{23,}$/)
    expect(await (await fetch(`${line.url}/nowhere`)).json()).toEqual({ message: 'Not found', code: 1 })

    expect(await server.stop()).toBe(0)
    expect(server.stdout().split('\n')).toHaveLength(2)
    expect(server.stderr()).toContain('memory storage forgets every license')
  })

  it('keeps the product and earlier tokens over a restart', async () => {
    const store = scratchStore()
    const first = await serve(...store.args)
    const licenseKey = await createKey(first.line)
    expect(await first.stop()).toBe(0)
    expect(statSync(`${store.file}.keys.json`).mode & 0o777).toBe(0o600)

    const second = await serve(...store.args)
    expect(second.line).toMatchObject({ productId: first.line.productId, packageId: first.line.packageId })
    expect(second.line.secretToken).not.toBe(first.line.secretToken)
    const path = `/key?productId=${first.line.productId}&licenseKey=${licenseKey}`
    expect((await get(path, { ...second.line, secretToken: first.line.secretToken })).status).toBe(200)
    expect((await get(path, second.line)).status).toBe(200)
    expect(await second.stop()).toBe(0)
  })

  it('starts several servers on one new store at once: one product, one keyring, each accepts the tokens of all', async () => {
    const store = scratchStore()
    const servers = await Promise.all([serve(...store.args), serve(...store.args), serve(...store.args)])
    const lines = servers.map(({ line }) => line)

    expect(new Set(lines.map(({ productId }) => productId)).size).toBe(1)
    expect(new Set(lines.map(({ packageId }) => packageId))).toEqual(new Set([1]))
    const keySets = await Promise.all(lines.map(async ({ jwks }) => (await fetch(jwks)).text()))
    expect(new Set(keySets).size).toBe(1)
    const [{ productId }] = lines as [ServeLine]
    const licenseKey = await createKey(lines[0] as ServeLine)
    for (const { url } of lines) {
      for (const { secretToken } of lines) {
        const { status } = await get(`/key?productId=${productId}&licenseKey=${licenseKey}`, { url, secretToken })
        expect(status).toBe(200)
      }
    }
    expect(await Promise.all(servers.map((server) => server.stop()))).toEqual([0, 0, 0])
  })
})

describe('keyslot serve, to be measured', () => {
  it('limits wrong keys, unless --no-rate-limit', async () => {
    const [limited, unlimited] = await Promise.all([
      serve('--storage', 'memory'),
      serve('--storage', 'memory', '--no-rate-limit'),
    ])
    expect((await statusesOfWrongKeys(limited.line)).at(-1)).toBe(429)
    expect(new Set(await statusesOfWrongKeys(unlimited.line))).toEqual(new Set([404]))
    expect(await Promise.all([limited.stop(), unlimited.stop()])).toEqual([0, 0])
  })
})

describe('keyslot serve, with webhooks', () => {
  it('delivers by itself, to a private host only where it is allowed', async () => {
    const receiver = await start()
    const arrived = new Promise<Received>((resolve) => {
      receiver.answer = (res, received) => {
        res.writeHead(204).end()
        resolve(received)
      }
    })
    const store = scratchStore()
    const allowed = ['--allow-private-webhook', 'hooks.internal', '--allow-private-webhook', '127.0.0.1']
    const server = await serve(...store.args, ...allowed)
    const create = ['webhook', 'create', `${receiver.origin}/in`, ...store.args, '--events', 'license.created']
    const { secret } = await keyslotJson<{ secret: string }>(...create, '--allow-private-webhook', '127.0.0.1')
    await createKey(server.line)
    const { rawBody, headers } = await arrived
    const event = verifyWebhook(rawBody, headers['keymint-signature'], secret, { now: new Date() })
    expect(event).toMatchObject({ type: 'license.created', accountId: server.line.accountId })
    expect(await server.stop()).toBe(0)
  })
})

describe('keyslot serve, stopping', () => {
  it('finishes a request in flight, takes no new one, and exits 0', async () => {
    const server = await serve('--storage', 'memory')
    const licenseKey = await createKey(server.line)
    const pending = await beginRequest(server, '/key/validate')

    server.signal('SIGTERM')
    await refusesConnections(server)
    const status = await pending.finish({ productId: server.line.productId, licenseKey, hostId: 'host' })

    expect(status).toBe(200)
    expect(await server.ended).toBe(0)
  })

  it('exits at once at a second signal', async () => {
    const server = await serve('--storage', 'memory')
    const pending = await beginRequest(server, '/key/validate')
    server.signal('SIGINT')
    await refusesConnections(server)
    server.signal('SIGINT')
    expect(await server.ended).toBe(130)
    await expect(pending.finish({})).rejects.toThrow()
  })
})

describe('keyslot serve, for a person', () => {
  it('shows tokens on the first start of a store only', async () => {
    const store = scratchStore()
    const first = await keyslotUntil('Ctrl+C', 'serve', '--port', '0', ...store.args)
    expect(first).toMatch(/^Listening on http:\/\/127\.0\.0\.1:\d+$/m)
    expect(first).toMatch(/^Secret token +at_\S{49}$/m)
    expect(first).toMatch(/^Publishable token +pk_\S{49}$/m)
    const second = await keyslotUntil('Ctrl+C', 'serve', '--port', '0', ...store.args)
    expect(second).toMatch(/^Listening on/m)
    expect(second).not.toMatch(/at_|pk_/)
    expect(second).toContain('keyslot token create')
  })

  it('refuses a used store whose keyring is gone, and makes no new one in its place, unless told to', async () => {
    const store = scratchStore()
    const keyring = `${store.file}.keys.json`
    await (await serve(...store.args)).stop()
    renameSync(keyring, `${keyring}.elsewhere`)

    const refused = await keyslot('serve', '--port', '0', ...store.args)
    expect(refused).toMatchObject({ code: 1, stdout: '' })
    expect(refused.stderr).toMatch(
      /^keyslot: [^\n]+store\.db\.keys\.json is missing[^\n]+--keys FILE[^\n]+--adopt-keys[^\n]*\n$/,
    )
    expect(existsSync(keyring)).toBe(false)

    const adopted = await serve(...store.args, '--adopt-keys')
    expect(await adopted.stop()).toBe(0)
    const wrong = await keyslot('serve', '--port', '0', ...store.args, '--keys', `${keyring}.elsewhere`)
    expect(wrong).toMatchObject({ code: 1, stdout: '' })
    expect(wrong.stderr).toMatch(
      /^keyslot: [^\n]+elsewhere does not hold the key this store was last used with[^\n]+\n$/,
    )
  })

  it('says in one line that a port is taken, and makes no token', async () => {
    const store = scratchStore()
    const server = await serve(...store.args)
    const port = new URL(server.line.url).port
    const second = await keyslot('serve', ...store.args, '--port', port)
    expect(second).toEqual({
      code: 1,
      stdout: '',
      stderr: `keyslot: 127.0.0.1:${port} is in use already; --port 0 takes a free port\n`,
    })
    await server.stop()
    const tokens = JSON.parse((await keyslot('token', 'list', ...store.args, '--json')).stdout) as { total: number }
    expect(tokens.total).toBe(2)
  })
})

/** One more than a minute allows. */
async function statusesOfWrongKeys(line: ServeLine): Promise<readonly number[]> {
  const statuses: number[] = []
  for (let i = 0; i <= DEFAULT_RATE_LIMITS.wrongKeysPerAddress; i++) {
    const body = { productId: line.productId, licenseKey: `NO-SUCH-LICENSE-KEY-${1000 + i}`, hostId: 'host' }
    const response = await fetch(`${line.url}/key/validate`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${line.publishableToken}`, 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    })
    await response.arrayBuffer()
    statuses.push(response.status)
  }
  return statuses
}

/** Sends the head of a request; resolves once the server has it and waits for the body. */
async function beginRequest({ line }: RunningServer, path: string) {
  const pending = request(line.url + path, {
    method: 'POST',
    headers: {
      Authorization: `Bearer ${line.publishableToken}`,
      'Content-Type': 'application/json',
      Expect: '100-continue',
    },
  })
  const answered = new Promise<number | undefined>((resolve, reject) => {
    pending.once('response', (response) => {
      response.resume()
      resolve(response.statusCode)
    })
    pending.once('error', reject)
  })
  answered.catch(() => undefined)
  pending.flushHeaders()
  await new Promise((resolve) => pending.once('continue', resolve))
  return {
    finish(body: unknown) {
      pending.end(JSON.stringify(body))
      return answered
    },
  }
}

async function refusesConnections({ line }: RunningServer): Promise<void> {
  const port = Number(new URL(line.url).port)
  const connects = () =>
    new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1')
      socket.once('error', () => resolve(false))
      socket.once('connect', () => {
        socket.destroy()
        resolve(true)
      })
    })
  while (await connects());
}

describe('keyslot serve, the rules of seats', () => {
  it.each([
    ['--free-moves', '1', 2],
    ['--free-moves', 'any', 9],
    ['--hosts-per-day', '3', 3],
  ])('are set by %s %s', async (option, value, expected) => {
    const server = await serve('--storage', 'memory', option, value)
    const { url, productId, publishableToken } = server.line
    const licenseKey = await createKey(server.line, { maxActivations: 1 })
    const send = (path: string, hostId: string) =>
      fetch(`${url}${path}`, {
        method: 'POST',
        headers: { Authorization: `Bearer ${publishableToken}`, 'Content-Type': 'application/json' },
        body: JSON.stringify({ productId, licenseKey, hostId }),
      })
    let hosts = 0
    while (hosts < 9 && (await send('/key/activate', `host-${hosts}`)).status === 200) {
      expect((await send('/key/deactivate', `host-${hosts}`)).status).toBe(200)
      hosts += 1
    }
    expect(hosts).toBe(expected)
    expect(await server.stop()).toBe(0)
  })
})

describe('keyslot serve --trust-proxy', () => {
  /** Whether what strangers ask is counted by the address that X-Forwarded-For names. */
  const keepsApart = async ({ url }: ServeLine) => {
    const strange = (address: string) =>
      fetch(`${url}/key?licenseKey=a&productId=b`, { headers: { 'X-Forwarded-For': address } })
    for (let count = 0; count <= DEFAULT_RATE_LIMITS.unauthenticatedPerAddress; count++) await strange('198.51.100.1')
    expect((await strange('198.51.100.1')).status).toBe(429)
    return (await strange('198.51.100.2')).status === 401
  }

  it.each([
    { args: ['--trust-proxy', '1'], apart: true },
    { args: ['--trust-proxy', 'loopback,10.0.0.0/8'], apart: true },
    { args: ['--trust-proxy', '10.0.0.0/8'], apart: false },
    { args: [], apart: false },
  ])('keeps callers apart behind a proxy it names: $args', async ({ args, apart }) => {
    const server = await serve('--storage', 'memory', ...args)
    expect(await keepsApart(server.line)).toBe(apart)
    expect(server.stderr().includes('X-Forwarded-For, which is not trusted')).toBe(args.length === 0)
    expect(await server.stop()).toBe(0)
  })

  it.each(['true', '0', 'everybody', '10.0.0.0/33', ''])('refuses %j', async (proxies) => {
    const { code, stderr } = await keyslot('serve', '--storage', 'memory', '--trust-proxy', proxies)
    expect(code).toBe(2)
    expect(stderr).toContain('how many proxies there are')
  })
})

describe('connections to keyslot serve', () => {
  it('are 1,000 of one address at most', async () => {
    const server = await serve('--storage', 'memory')
    const port = Number(new URL(server.line.url).port)
    const sockets = Array.from({ length: 1100 }, () => connect(port, '127.0.0.1').on('error', () => {}))
    let closed = 0
    const refused = new Promise((resolve) => {
      for (const socket of sockets) {
        socket.once('close', () => {
          closed += 1
          if (closed === 100) resolve(closed)
        })
      }
    })
    await refused
    expect(closed).toBe(100)
    for (const socket of sockets) socket.destroy()
    expect((await fetch(`${server.line.url}/healthz`)).status).toBe(200)
    expect(await server.stop()).toBe(0)
  })
})
