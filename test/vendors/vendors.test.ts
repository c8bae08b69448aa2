import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { CLIENTS } from './clients'
import { lastSeen } from './last-seen'
import { openShop } from './open-shop'
import { play, told } from './play'
import { differences } from './shape'
import { PAGE, vendorsPage } from './vendors-page'

const closing: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

async function shopOnLoopback() {
  const opened = await openShop()
  closing.push(opened.close)
  return opened
}

describe('clients of other vendors', () => {
  it.each(CLIENTS)('work: $name $versions', async (client) => {
    const { url, shop } = await shopOnLoopback()
    expect((await play(client, url, shop)).map(told)).toEqual([])
  })

  it('have an id of their own', () => {
    expect(new Set(CLIENTS.map(({ id }) => id)).size).toBe(CLIENTS.length)
  })
})

describe('a server whose answers change', () => {
  /** Another server, which changes the text of each answer. */
  async function changing(url: string, change: (text: string) => string): Promise<string> {
    const server: Server = createServer(async (request, response) => {
      const chunks: Uint8Array[] = []
      for await (const chunk of request) chunks.push(chunk)
      const { host: _host, connection: _connection, ...headers } = request.headers as Record<string, string>
      const { method = 'GET' } = request
      const body = chunks.length > 0 && { body: Buffer.concat(chunks) }
      const answer = await fetch(url + request.url, { method, headers, ...body })
      response.writeHead(answer.status).end(change(await answer.text()))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    closing.push(async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    })
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  }

  async function stumbles(id: string, change: (text: string) => string): Promise<string[]> {
    const { url, shop } = await shopOnLoopback()
    const client = CLIENTS.find((one) => one.id === id)
    if (client === undefined) throw new Error(`no client ${id}`)
    return (await play(client, await changing(url, change), shop)).map(told)
  }

  it('unchanged, is one that they work with', async () => {
    expect(await stumbles('keymint-node', (text) => text)).toEqual([])
  })

  it('is told of by client, version, call and field: a renamed field', async () => {
    expect(await stumbles('keymint-node', (text) => text.replaceAll('"activationTime"', '"activatedAt"'))).toEqual([
      'KeyMint for Node, 1.5, getKey, data.license.devices.0.activationTime: expected <instant>, came nothing',
      'KeyMint for Node, 1.5, getKey, data.license.devices.1.activationTime: expected <instant>, came nothing',
    ])
  })

  it('a number that became a text', async () => {
    expect(
      await stumbles('authtool-server-api', (text) => text.replace(/"resetCount":(\d+)/, '"resetCount":"$1"')),
    ).toEqual([
      `AuthTool, its API for servers, PATCH /key/…/reset, resetCount: expected 1, came "1"`,
      `AuthTool, its API for servers, PATCH /key/…/reset, resetCount: expected 2, came "2"`,
    ])
  })

  it('a code that is gone', async () => {
    const [first] = await stumbles('keymint-first-version', (text) => text.replace('"code":0,', ''))
    expect(first).toBe('KeyMint, first version of its API, /create-key, code: expected 0, came nothing')
  })

  it('a file that became an object, and a list that became an envelope', async () => {
    const [signed] = await stumbles('keymint-go', (text) =>
      text.replace(/"file":("(?:[^"\\]|\\.)*")/, (_, file: string) => `"file":${JSON.parse(file)}`),
    )
    expect(signed).toMatch(/^KeyMint for Go, of September 2026, signKey, file: expected a text of JSON, came \{/)
    const [listed] = await stumbles('keymint-go', (text) => text.replace(/^\[.*\]$/, '{"data":$&}'))
    expect(listed).toMatch(/^KeyMint for Go, of September 2026, getCustomerWithKeys, body: expected a list/)
  })
})

describe('the shape of an answer', () => {
  it.each([
    ['another value', { code: 0 }, { code: 1 }, 'code'],
    ['a missing field', { a: { b: '<text>' } }, { a: {} }, 'a.b'],
    ['null for a text', { a: '<text>' }, { a: null }, 'a'],
    ['no list', ['<text>'], { 0: 'a' }, 'body'],
    ['an empty list', { a: ['<text>'] }, { a: [] }, 'a'],
    ['one of a list', { a: ['<number>'] }, { a: [1, '2'] }, 'a.1'],
    ['an optional field of a wrong type', { 'a?': '<flag>' }, { a: 1 }, 'a'],
    ['no JSON in a text', { a: { '<json>': '<object>' } }, { a: '{' }, 'a'],
    ['a local time', { a: '<instant>' }, { a: '2026-06-15 12:00' }, 'a'],
    ['a list for an object', { a: '<object or null>' }, { a: [] }, 'a'],
  ] as const)('tells of %s', (_, shape, value, place) => {
    expect(differences(shape, value).map((one) => one.place)).toEqual([place])
  })

  it('asks for nothing else', () => {
    const shape = { a: '<text or null>', 'b?': '<flag>', c: ['<number>'], d: { '<json>': { e: 1 } } } as const
    expect(differences(shape, { a: null, c: [1], d: '{"e":1,"f":2}', z: 1 })).toEqual([])
  })
})

describe('docs/vendor-clients.md', () => {
  it('says what the data say; `npm run write:vendors-page` plays them and writes it', () => {
    expect(readFileSync(PAGE, 'utf8')).toBe(vendorsPage(CLIENTS, lastSeen()))
  })

  it('dates every client, and no other', () => {
    expect(Object.keys(lastSeen()).toSorted()).toEqual(CLIENTS.map(({ id }) => id).toSorted())
  })
})
