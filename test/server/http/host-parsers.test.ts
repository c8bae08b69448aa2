import express, { type ErrorRequestHandler, type Express } from 'express'
import { afterEach, describe, expect, it } from 'vitest'
import { activateHost, expectAnswer, makeKey, post } from './actions'
import { type Fixture, type Mount, send, startFixture } from './harness'

let fixture: Fixture

afterEach(() => fixture.close())

/** A host app that does this before our router, and has an error handler of its own behind ours. */
async function startHost(before: (app: Express) => void, mountPath?: string): Promise<void> {
  const ownErrors: ErrorRequestHandler = (error: Error & { type?: string }, _req, res, _next) => {
    res.status(418).json({ own: error.type ?? error.message })
  }
  const mount: Mount = {
    name: 'a host app with a parser',
    path: '/licensing',
    mount(app, { router, errorHandler }) {
      before(app)
      app.use('/licensing', router)
      app.post('/own/key', (req, res) => void res.json({ own: req.body }))
      app.use(errorHandler)
      app.use(ownErrors)
    },
  }
  fixture = await startFixture(mount, mountPath === undefined ? {} : { mountPath })
}

const createRaw = (rawBody: string | ReadableStream, token = fixture.secret) =>
  send(fixture.url, 'POST', '/key', { token, rawBody })
const single = (rawBody: string, token = fixture.secret) =>
  send(fixture.url, 'POST', '/public/v1/key/single-activate', { token, rawBody })
const ownRoute = (rawBody: string) => send(fixture.origin, 'POST', '/own/key', { rawBody })

describe('behind a JSON parser of the host app', () => {
  it('a body over its smaller limit is 413 in our shape', async () => {
    await startHost((app) => app.use(express.json({ limit: 1000 })))
    const big = JSON.stringify({ productId: fixture.productId, unknown: 'x'.repeat(1000) })
    expectAnswer(await createRaw(big), 413, { message: expect.any(String), code: 1 })
    expectAnswer(await single(big), 413, { message: expect.any(String) })
    expect((await activateHost(fixture, await makeKey(fixture), 'host')).status).toBe(200)
  })

  it('a body its larger limit lets through is still too large', async () => {
    await startHost((app) => app.use(express.json({ limit: '10mb' })))
    const big = JSON.stringify({ productId: fixture.productId }).padEnd(100_001)
    expectAnswer(await createRaw(big), 413, { message: expect.any(String), code: 1 })
  })

  it('an empty body in chunks is one without fields, and not waited for', async () => {
    await startHost((app) => app.use(express.json()))
    const empty = () => new Blob([]).stream()
    expectAnswer(await createRaw(empty()), 400, { message: 'Missing required params', code: 1 })
  })

  it('what it lets through otherwise is checked by us', async () => {
    await startHost((app) => app.use(express.json({ strict: false, type: () => true })))
    for (const rawBody of ['"text"', '42', 'null', '[]']) {
      expectAnswer(await createRaw(rawBody), 400, { message: expect.any(String), code: 1 })
    }
    const rawBody = JSON.stringify({ productId: fixture.productId })
    const answer = await send(fixture.url, 'POST', '/key', {
      token: fixture.secret,
      rawBody,
      headers: { 'Content-Type': 'text/plain' },
    })
    expectAnswer(answer, 415, { message: expect.any(String), code: 1 })
  })

  it('the caller is checked before the body', async () => {
    await startHost((app) => app.use(express.json()))
    expectAnswer(await createRaw('{', 'at_nobody'), 401, { message: 'Invalid access token', code: 1 })
    const forbidden = { message: 'Insufficient permissions for this operation', code: 1 }
    expectAnswer(await createRaw('{', fixture.publishable), 403, forbidden)
    expectAnswer(await single('{', 'at_nobody'), 401, { message: 'Invalid API key' })
    expectAnswer(await single('{'), 422, { message: expect.any(String) })
  })

  it('a route without a body takes any that the parser lets through', async () => {
    await startHost((app) => app.use(express.json()))
    const key = await makeKey(fixture)
    const path = `/public/v1/key/${encodeURIComponent(` ${key.toLowerCase()}`)}/reset`
    const reset = (rawBody: string) => send(fixture.url, 'PATCH', path, { token: fixture.secret, rawBody })
    expectAnswer(await reset('{'), 422, { message: 'The body is not valid JSON' })
    expectAnswer(await reset('{"any": 1}'), 200, { message: 'Reset successfully', resetCount: 1 })
  })

  it('a key in the path that cannot be decoded names none', async () => {
    await startHost((app) => app.use(express.json()))
    const answer = await send(fixture.url, 'PATCH', '/public/v1/key/%ff/change-status', {
      token: fixture.secret,
      rawBody: '{"status": 1}',
    })
    expectAnswer(answer, 404, { message: 'Key not found' })
  })
})

describe('behind a parser of raw bytes', () => {
  it('JSON is read from them', async () => {
    await startHost((app) => app.use(express.raw({ type: () => true, limit: '1mb' })))
    expect((await activateHost(fixture, await makeKey(fixture), 'host')).status).toBe(200)
    expectAnswer(await createRaw('{'), 400, { message: 'The body is not valid JSON', code: 1 })
    expectAnswer(await single('{'), 422, { message: 'The body is not valid JSON' })
    expectAnswer(await createRaw('[]'), 400, { message: expect.any(String), code: 1 })
    const tooLong = JSON.stringify({ productId: fixture.productId }).padEnd(100_001)
    expectAnswer(await createRaw(tooLong), 413, { message: expect.any(String), code: 1 })
    const chunked = new Blob([tooLong]).stream()
    expectAnswer(await createRaw(chunked), 413, { message: expect.any(String), code: 1 })
  })
})

describe('behind a parser of forms', () => {
  it('a form is 415, even one it refuses', async () => {
    await startHost((app) => app.use(express.urlencoded({ extended: false, parameterLimit: 2 })))
    const headers = { 'Content-Type': 'application/x-www-form-urlencoded' }
    for (const rawBody of ['productId=x', 'a=1&b=2&c=3']) {
      const answer = await post(fixture, '/key', undefined, { rawBody, headers })
      expectAnswer(answer, 415, { message: expect.any(String), code: 1 })
    }
    expect((await createRaw(JSON.stringify({ productId: fixture.productId }))).status).toBe(200)
  })
})

describe("the host app's own errors", () => {
  it('of its own paths reach its own handler, with mountPath even those that end like ours', async () => {
    await startHost((app) => app.use(express.json({ limit: 50 })), '/licensing')
    expectAnswer(await ownRoute('{'), 418, { own: 'entity.parse.failed' })
    expectAnswer(await ownRoute(`"${'x'.repeat(100)}"`), 418, { own: 'entity.too.large' })
    expectAnswer(await ownRoute('{"a":1}'), 200, { own: { a: 1 } })
    expectAnswer(await createRaw('{'), 400, { message: 'The body is not valid JSON', code: 1 })
  })

  it('of our paths reach its own handler too, unless they are of a body parser', async () => {
    const failures: Error[] = [
      new Error('no database'),
      Object.assign(new Error('not today'), { status: 400 }),
      Object.assign(new Error('teapot'), { status: 400, type: 'host.teapot' }),
      Object.assign(new Error('too much'), { status: 413, type: 'toString' }),
      Object.assign(new Error('refused'), { code: 'ECONNREFUSED', status: 503 }),
    ]
    await startHost((app) => {
      app.use((req, _res, next) => next(failures[Number(req.headers['x-failure'])]))
    })
    for (const [index, expected] of ['no database', 'not today', 'host.teapot', 'toString', 'refused'].entries()) {
      const answer = await send(fixture.url, 'POST', '/key', {
        token: fixture.secret,
        body: {},
        headers: { 'X-Failure': String(index) },
      })
      expectAnswer(answer, 418, { own: expected })
    }
  })

  it('are left alone for paths that are none of ours', async () => {
    await startHost((app) => app.use(express.json()))
    for (const path of ['/nothing', '/licensing/nothing', '/licensing/key/other']) {
      const answer = await send(fixture.origin, 'POST', path, { rawBody: '{' })
      expectAnswer(answer, 418, { own: 'entity.parse.failed' })
    }
  })
})
