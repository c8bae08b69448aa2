import { createHmac } from 'node:crypto'
import express, { type Express, type RequestHandler } from 'express'
import { afterEach, describe, expect, it } from 'vitest'
import { expectAnswer, makeKey, UNKNOWN_KEY } from './actions'
import { type FaultyStorage, faultyStorage } from './faulty-storage'
import { type Fixture, send, startFixture } from './harness'

let fixture: Fixture

afterEach(() => fixture.close())

/** A host app of its own around the router, which is at `path`. */
async function startHost(
  path: string,
  build: (app: Express, mountRouter: () => void) => void,
  options: Parameters<typeof startFixture>[1] = {},
): Promise<void> {
  fixture = await startFixture(
    {
      name: 'a host app',
      path,
      mount: (app, { router }) => build(app, () => app.use(path === '' ? '/' : path, router)),
    },
    options,
  )
}

/** Signed as payment services sign: the exact bytes count, odd spacing, escapes and all. */
const WEBHOOK_BYTES = Buffer.from('{ "id":"evt_1",\r\n\t"amount" : 1.00, "name":"\\u00e9é" }\n')
const sign = (bytes: Uint8Array) => createHmac('sha256', 'whsec').update(bytes).digest('hex')

const webhook: RequestHandler[] = [
  express.raw({ type: 'application/json' }),
  (req, res) => void res.json({ verified: req.headers['x-signature'] === sign(req.body as Buffer) }),
]

describe.each(['', '/licensing'])("the host app's routes beside a router mounted at '%s'", (path) => {
  it.each([
    ['before', ['/webhook', '/licensing/webhook', '/key/webhook']],
    ['after', ['/webhook', '/licensing/webhook', '/key/webhook']],
  ])('get the exact bytes of a webhook, registered %s ours', async (order, routes) => {
    await startHost(path, (app, mountRouter) => {
      if (order === 'after') mountRouter()
      for (const route of routes) app.post(route, ...webhook)
      if (order === 'before') mountRouter()
    })
    for (const route of routes) {
      const answer = await send(fixture.origin, 'POST', route, {
        rawBody: WEBHOOK_BYTES,
        headers: { 'X-Signature': sign(WEBHOOK_BYTES) },
      })
      expectAnswer(answer, 200, { verified: true })
    }
    await makeKey(fixture)
  })

  it('get every request that is none of ours, with its body unread', async () => {
    await startHost(path, (app, mountRouter) => {
      mountRouter()
      app.use(
        (req, res) => void res.json({ url: req.originalUrl, unread: !req.readableDidRead, body: req.body ?? null }),
      )
    })
    for (const [method, url] of [
      ['POST', '/nothing'],
      ['POST', '/key/'.repeat(3)],
      ['DELETE', '/key'],
      ['PUT', '/key/activate'],
      ['POST', '/key/activate/more'],
      ['POST', '/public/v1/key/a/b/reset'],
      ['POST', '/public/v1/key/%ff'],
      ['PUT', '/public/v1/key/%ff/reset'],
      ['POST', '/%ff'],
      ['PATCH', '/public/v1/key//reset'],
      ['POST', '/healthz'],
      ['POST', '/.well-known/jwks.json'],
    ] as const) {
      const body = method === 'DELETE' ? {} : { rawBody: '{not json', headers: { 'Content-Type': 'application/json' } }
      const answer = await send(fixture.url, method, url, { token: fixture.secret, ...body })
      expectAnswer(answer, 200, { url: path + url, unread: true, body: null })
    }
  })
})

describe('odd requests', () => {
  const start = () => startHost('/licensing', (_, mountRouter) => mountRouter())

  it('with a path that cannot be decoded name no key', async () => {
    await start()
    for (const key of ['%ff', '%', '%E0%A4%A', '%zz']) {
      for (const [method, path] of [
        ['PATCH', `/public/v1/key/${key}/reset`],
        ['GET', `/public/v1/key/${key}/detail`],
        ['GET', `/public/v1/key/${key}`],
        ['DELETE', `/public/v1/key/${key}`],
      ] as const) {
        const answer = await send(fixture.url, method, path, { token: fixture.secret })
        expectAnswer(answer, 404, { message: 'Key not found' })
        expectAnswer(await send(fixture.url, method, path), 401, { message: 'Invalid API key' })
      }
    }
  })

  it('with HEAD are answered as with GET, without a body', async () => {
    await start()
    const key = await makeKey(fixture)
    for (const [path, status] of [
      [`/key?productId=${fixture.productId}&licenseKey=${key}`, 200],
      [`/key?productId=${fixture.productId}&licenseKey=${UNKNOWN_KEY}`, 404],
      [`/public/v1/key/${key}/detail`, 200],
      ['/public/v1/key/%ff', 404],
    ] as const) {
      const answer = await send(fixture.url, 'HEAD', path, { token: fixture.secret })
      expect({ status: answer.status, body: answer.body }).toEqual({ status, body: undefined })
    }
  })

  it('with OPTIONS are told the methods', async () => {
    await start()
    const response = await fetch(`${fixture.url}/key`, { method: 'OPTIONS' })
    expect(response.status).toBe(200)
    const allowed = response.headers.get('allow')?.split(/, ?/)
    expect(allowed).toEqual(expect.arrayContaining(['GET', 'POST', 'PATCH']))
  })

  it('in another letter case, with a slash behind or with a query reach the same routes', async () => {
    await start()
    const body = { productId: fixture.productId }
    for (const path of ['/KEY', '/key/', '/key?unknown=1', '/Create-Key/?a']) {
      expect((await send(fixture.url, 'POST', path, { token: fixture.secret, body })).status).toBe(200)
    }
  })
})

describe('whatever fails', () => {
  let faults: FaultyStorage
  const start = async (options: Parameters<typeof startFixture>[1] = {}) => {
    faults = faultyStorage()
    await startHost('', (_, mountRouter) => mountRouter(), { storage: faults.storage, ...options })
  }
  const create = () =>
    send(fixture.url, 'POST', '/key', { token: fixture.secret, body: { productId: fixture.productId } })

  it('the host app goes on, and is told once, with the route', async () => {
    await start()
    const rejected = new Error('rejected')
    const thrown = new Error('thrown at once')
    faults.breakWrites('licenses', () => Promise.reject(rejected))
    expectAnswer(await create(), 500, { message: 'Server error', code: 1 })
    faults.breakWrites('licenses', () => {
      throw thrown
    })
    expectAnswer(await create(), 500, { message: 'Server error', code: 1 })
    faults.heal()
    expect((await create()).status).toBe(200)
    expect(fixture.logged).toEqual([
      ['keyslot: POST /key failed', rejected],
      ['keyslot: POST /key failed', thrown],
    ])
  })

  it('even a look-up of the token, or a value that is no error', async () => {
    await start()
    faults.breakReads('access_tokens', () => Promise.reject('no error object'))
    expectAnswer(await create(), 500, { message: 'Server error', code: 1 })
    const reset = await send(fixture.url, 'PATCH', `/public/v1/key/${UNKNOWN_KEY}/reset`, { token: fixture.secret })
    expectAnswer(reset, 500, { message: 'Server error' })
  })

  it('even the logger', async () => {
    const logger = {
      warn: () => undefined,
      error() {
        throw new Error('disk full')
      },
    }
    await start({ logger })
    faults.breakWrites('licenses', () => Promise.reject(new Error('down')))
    expectAnswer(await create(), 500, { message: 'Server error', code: 1 })
    faults.heal()
    expect((await create()).status).toBe(200)
  })

  it('a host app that has answered meanwhile is not answered for again', async () => {
    faults = faultyStorage()
    const handled: Promise<unknown>[] = []
    await startHost(
      '',
      (app, mountRouter) => {
        app.use((_req, res, next) => {
          res.status(504).json({ own: 'too late' })
          next()
        })
        mountRouter()
      },
      { storage: faults.storage },
    )
    faults.breakPing(() => {
      const answer = Promise.resolve()
      handled.push(answer)
      return answer
    })
    for (const path of ['/healthz', '/.well-known/jwks.json']) {
      expectAnswer(await send(fixture.url, 'GET', path), 504, { own: 'too late' })
    }
    expectAnswer(await create(), 504, { own: 'too late' })
    await Promise.all(handled)
    expect({ pings: handled.length, logged: fixture.logged }).toEqual({ pings: 1, logged: [] })
  })
})
