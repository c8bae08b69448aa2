import { connect, type Socket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { Bytes } from '../../../src/server/http/answer'
import { AUTHENTICATED_ENDPOINTS } from '../../../src/server/http/endpoints'
import type { HttpRequest } from '../../../src/server/http/http-request'
import { openapiEndpoint } from '../../../src/server/http/openapi'
import { PLAIN_MOUNT } from './actions'
import { type Fixture, startFixture } from './harness'

const fail = (error: unknown) => {
  throw error
}

let fixture: Fixture | undefined
const sockets: Socket[] = []

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy()
  await fixture?.close()
  fixture = undefined
})

describe.each(['/openapi.json', '/docs', '/docs/swagger-ui.css', '/docs/page.js', '/.well-known/jwks.json'])(
  '%s',
  (path) => {
    it('is sent once to a caller who shows its tag, and anew where it is another', async () => {
      fixture = await startFixture(PLAIN_MOUNT)
      const url = fixture.url + path
      const first = await fetch(url)
      const etag = first.headers.get('etag') ?? ''
      expect(etag).toMatch(/^"[\w-]{22}"$/)
      expect(first.headers.get('content-length')).toBe(String((await first.arrayBuffer()).byteLength))
      for (const shown of [etag, `W/${etag}`, `"x", ${etag}`, '*']) {
        const again = await fetch(url, { headers: { 'If-None-Match': shown } })
        expect([again.status, again.headers.get('etag'), await again.text()]).toEqual([304, etag, ''])
      }
      const other = await fetch(url, { headers: { 'If-None-Match': '"x"' } })
      expect(other.status).toBe(200)
      await other.arrayBuffer()
    })
  },
)

it('a document names the server it was fetched from, and has another tag there', async () => {
  fixture = await startFixture(PLAIN_MOUNT)
  const ask = async (host: string) => {
    const socket = connect(Number(new URL(fixture?.url ?? '').port), '127.0.0.1')
    sockets.push(socket)
    const path = new URL(`${fixture?.url}/openapi.json`).pathname
    socket.end(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)
    let text = ''
    for await (const chunk of socket) text += chunk
    const [head = '', body = ''] = text.split('\r\n\r\n')
    return { etag: /^etag: (.*)$/im.exec(head)?.[1], url: JSON.parse(body).servers[0].url as string }
  }
  const [one, other] = [await ask('one.example'), await ask('other.example')]
  expect(one.url).toContain('//one.example/')
  expect(other.url).toContain('//other.example/')
  expect(one.etag).not.toBe(other.etag)
})

it('300 callers who read nothing of a document hold the same bytes of it, all but its beginning', async () => {
  const endpoint = openapiEndpoint(AUTHENTICATED_ENDPOINTS, fail)
  const bytesFor = async (mountUrl: string) => {
    const { body } = await endpoint.serve({ mountUrl, headers: {} } as HttpRequest, {})
    return body instanceof Bytes ? body.parts : []
  }
  const answers = await Promise.all(Array.from({ length: 300 }, (_, index) => bytesFor(`http://${index}.example/`)))
  expect(new Set(answers.map((parts) => parts.at(-1))).size).toBe(1)
  const own = answers.flatMap((parts) => parts.slice(0, -1))
  expect(own.reduce((sum, { length }) => sum + length, 0)).toBeLessThan(300 * 4_096)
  expect(answers[0]?.at(-1)?.length).toBeGreaterThan(100_000)
})
