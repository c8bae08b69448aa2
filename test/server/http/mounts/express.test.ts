import { once } from 'node:events'
import { createServer, type IncomingMessage, request, type Server } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { brotliCompressSync, createBrotliDecompress, gzipSync } from 'node:zlib'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { ROUTES } from '../../../../src/protocol'
import type { Answer } from '../../../../src/server/http/answer'
import type { ServedEndpoint } from '../../../../src/server/http/endpoint'
import type { HttpRequest } from '../../../../src/server/http/http-request'
import { createMatcher } from '../../../../src/server/http/match-route'
import { createRouter } from '../../../../src/server/http/mounts/express'

let server: Server

afterEach(async () => {
  server.closeAllConnections()
  server.close()
  await once(server, 'close')
})

/**
 * A server of `node:http` alone around an endpoint, which answers 404 where that does not, and 500 where it fails.
 * @param before what the host app does first
 */
async function serve(
  served: ServedEndpoint | readonly ServedEndpoint[],
  before?: (req: IncomingMessage) => Promise<void>,
) {
  const router = createRouter([served].flat(), () => {})
  server = createServer(async (req, res) => {
    await before?.(req)
    router(req, res, (error) => res.writeHead(error === undefined ? 404 : 500).end(`next: ${req.url}`))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

function endpoint(name: keyof typeof ROUTES, answer: (request: HttpRequest, params: object) => Promise<Answer>) {
  return { route: ROUTES[name], serve: answer, refuse: () => expect.unreachable('no parser has refused a body') }
}

/** Tells what it was asked. */
const echo: Parameters<typeof endpoint>[1] = async ({ method, path, query, address }, params) => ({
  body: { method, path, query, address, params },
})

const tellBody = async (received: HttpRequest): Promise<Answer> => {
  const body = await received.receiveBody(100).catch((error: { code: string }) => ({ refused: error.code }))
  return { body: 'bytes' in body ? { bytes: body.bytes.toString() } : body }
}

const ask = async (port: number, method: string, path: string, init: RequestInit = {}) => {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, { method, ...init })
  return { status: response.status, text: await response.text() }
}

describe('the router', () => {
  it('works without Express, on the address of the socket', async () => {
    const port = await serve([endpoint('getKey', echo), endpoint('authtoolReset', echo)])
    expect(JSON.parse((await ask(port, 'GET', '/key/?a=1?b')).text)).toEqual({
      method: 'GET',
      path: '/key/',
      query: 'a=1?b',
      address: '127.0.0.1',
      params: {},
    })
    const reset = await ask(port, 'PATCH', '/Public/V1/key/a%2Fb%20/reset')
    expect(JSON.parse(reset.text)).toMatchObject({ params: { key: 'a/b ' } })
    expect(await ask(port, 'PATCH', '/key')).toEqual({ status: 404, text: 'next: /key' })
    expect(await ask(port, 'GET', '/key//')).toEqual({ status: 404, text: 'next: /key//' })
    expect(await ask(port, 'OPTIONS', '/other')).toEqual({ status: 404, text: 'next: /other' })
  })

  it('finds its routes where the target has an origin, as proxies are asked', async () => {
    const port = await serve(endpoint('getKey', echo))
    const req = request({ port, host: '127.0.0.1', path: 'http://example.com/key?x=y' }).end()
    const [res] = await once(req, 'response')
    expect(JSON.parse(await text(res))).toMatchObject({ path: '/key', query: 'x=y' })
  })

  it('hands on what cannot be written', async () => {
    const port = await serve(endpoint('getKey', async () => ({ body: {}, headers: { Forged: 'a\nb' } })))
    expect((await ask(port, 'GET', '/key')).status).toBe(500)
  })
})

describe('a body', () => {
  it('is read to its limit, once unpacked', async () => {
    const port = await serve(endpoint('createKey', tellBody))
    const told = async (body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}) =>
      JSON.parse((await ask(port, 'POST', '/key', { body, headers })).text)
    expect(await told('x'.repeat(100))).toEqual({ bytes: 'x'.repeat(100) })
    expect(await told('x'.repeat(101))).toEqual({ refused: 'BODY_TOO_LARGE' })
    const gzip = { 'content-encoding': 'GZIP' }
    expect(await told(gzipSync('x'.repeat(100)), gzip)).toEqual({ bytes: 'x'.repeat(100) })
    expect(await told(gzipSync('x'.repeat(1_000_000)), gzip)).toEqual({ refused: 'BODY_TOO_LARGE' })
    expect(await told('plain', gzip)).toEqual({ refused: 'INVALID_REQUEST' })
    expect(await told(gzipSync('x'.repeat(50)).subarray(0, -9), gzip)).toEqual({ refused: 'INVALID_REQUEST' })
    expect(await told('x', { 'content-encoding': 'toString' })).toEqual({ refused: 'UNSUPPORTED_MEDIA_TYPE' })
    // What was refused has left nothing behind that the next request would trip over.
    expect(await told('x')).toEqual({ bytes: 'x' })
  })

  it('that is empty and has ended before we look is none that we wait for', async () => {
    const port = await serve(endpoint('createKey', tellBody), async (req) => {
      req.resume()
      await once(req, 'end')
      Object.assign(req, { body: { parsed: 'by the host' } })
    })
    const told = await ask(port, 'POST', '/key', { body: new Blob([]).stream(), duplex: 'half' } as RequestInit)
    expect(JSON.parse(told.text)).toEqual({ parsed: { parsed: 'by the host' } })
  })

  it('is read although the host app has given it an encoding', async () => {
    const port = await serve(endpoint('createKey', tellBody), async (req) => void req.setEncoding('utf8'))
    const socket = connect(port, '127.0.0.1')
    socket.write('POST /key HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 4\r\n\r\na')
    await once(server, 'request')
    socket.write('éb')
    expect(await text(socket)).toContain('{"bytes":"aéb"}')
  })

  it('of somebody who has gone before we look is refused at once', async () => {
    const told: Promise<Answer>[] = []
    let gone: (() => void) | undefined
    const port = await serve(
      endpoint('createKey', (received) => {
        const answer = tellBody(received)
        told.push(answer)
        return answer
      }),
      async (req) => {
        gone?.()
        req.on('error', () => {})
        await new Promise((resolve) => req.on('close', resolve))
      },
    )
    for (const body of ['abc', 'abcde']) {
      const socket = connect(port, '127.0.0.1')
      gone = () => socket.destroy()
      socket.on('error', () => {})
      socket.write(`POST /key HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n${body}`)
      while (told.length === 0) await new Promise((resolve) => setImmediate(resolve))
      expect(await told.pop()).toEqual({ body: { refused: 'INVALID_REQUEST' } })
    }
  })

  it('that is too long is not unpacked any further', async () => {
    const bomb = brotliCompressSync(Buffer.alloc(10_000_000))
    const unpacked = vi.spyOn(Object.getPrototypeOf(createBrotliDecompress()), 'destroy')
    const port = await serve(endpoint('createKey', tellBody))
    const told = await ask(port, 'POST', '/key', { body: bomb, headers: { 'content-encoding': 'br' } })
    expect(JSON.parse(told.text)).toEqual({ refused: 'BODY_TOO_LARGE' })
    expect(unpacked).toHaveBeenCalled()
    unpacked.mockRestore()
  })

  it.each([
    ['plain', ''],
    ['compressed', 'Content-Encoding: gzip\r\n'],
  ])('that breaks off while it is %s is refused, and not waited for', async (_, header) => {
    const told: Promise<Answer>[] = []
    const port = await serve(
      endpoint('createKey', (received) => {
        const answer = tellBody(received)
        told.push(answer)
        return answer
      }),
    )
    const socket = connect(port, '127.0.0.1')
    socket.write(`POST /key HTTP/1.1\r\nHost: a\r\n${header}Content-Length: 50\r\n\r\nabc`)
    while (told.length === 0) await new Promise((resolve) => setImmediate(resolve))
    socket.destroy()
    expect(await told[0]).toEqual({ body: { refused: 'INVALID_REQUEST' } })
  })
})

describe('the error handler of an app that names no mount path', () => {
  const { matchMounted } = createMatcher([endpoint('getKey', echo), endpoint('authtoolReset', echo)])

  it('finds a route at the end of any path', () => {
    expect(matchMounted('GET', '/key', undefined)?.endpoint.route).toBe(ROUTES.getKey)
    expect(matchMounted('GET', '/a/b/key/', undefined)?.endpoint.route).toBe(ROUTES.getKey)
    expect(matchMounted('PATCH', '/a//b/public/v1/key/K/reset', undefined)?.params).toEqual({ key: 'K' })
    expect(matchMounted('PATCH', '/key/reset', undefined)).toBeUndefined()
    expect(matchMounted('GET', 'key', undefined)).toBeUndefined()
  })

  it.each([
    ['slashes', '/'.repeat(15_500)],
    ['steps', '/a'.repeat(7_700)],
    ['keys', '/key/'.repeat(3_100)],
  ])('looks at the last steps alone of a path of very many %s', (_, path) => {
    const exec = vi.spyOn(RegExp.prototype, 'exec')
    matchMounted('PATCH', path, undefined)
    const { length } = exec.mock.calls
    exec.mockRestore()
    expect(length).toBeLessThan(50)
  })
})
