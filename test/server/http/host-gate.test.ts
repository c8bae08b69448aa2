import express, { type ErrorRequestHandler, type RequestHandler } from 'express'
import request, { type Test } from 'supertest'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { RECORD_KINDS } from '../../../src/storage/records'
import { type CountedStorage, countedStorage } from './counted-storage'
import { type Fixture, startFixture } from './harness'
import { ALL_ROUTES, expectFamilyError, MUTATING_ROUTES, type NamedRoute, requestFor, sendRoute } from './requests'
import { makeSubject, type Subject } from './subject'

/** What an app of its own lets nobody do, by a header so that one app can be asked with and without its gate. */
const refusing: RequestHandler = (req, res, next) => {
  if (req.headers['x-refused'] === undefined) next()
  else res.status(403).json({ own: 'closed' })
}

/** Parsers' own errors and the app's, which a gate may pass on. */
const FAILURES: Readonly<Record<string, () => Error>> = {
  closed: () => Object.assign(new Error('closed'), { status: 403 }),
  malformed: () => Object.assign(new Error('of a parser'), { status: 400, type: 'entity.parse.failed' }),
  long: () => Object.assign(new Error('of a parser'), { status: 413, type: 'entity.too.large' }),
}

const failing: RequestHandler = (req, _res, next) => next(FAILURES[String(req.headers['x-failure'])]?.())

const ownErrors: ErrorRequestHandler = (error: Error, _req, res, _next) => {
  res.status(418).json({ own: error.message })
}

let counted: CountedStorage
let fixture: Fixture
let subject: Subject

/** An app that parses bodies, then asks its gate, and has our error handler behind our router. */
beforeEach(async () => {
  counted = countedStorage()
  fixture = await startFixture(
    {
      name: 'behind a gate',
      path: '/licensing',
      mount(app, { router, errorHandler }) {
        app.use(failing, express.json(), refusing)
        app.use('/licensing', router)
        app.use(errorHandler, ownErrors)
      },
    },
    { storage: counted.storage, webhooks: { deliver: false } },
  )
  subject = await makeSubject(fixture)
  await settleTokens()
})

afterEach(() => fixture.close())

/** Uses both access tokens, and waits until that is written down: for an hour, their use is no news. */
async function settleTokens(): Promise<void> {
  for (const token of [fixture.secret, fixture.publishable]) {
    await request(fixture.server)
      .get('/licensing/key')
      .set({ Authorization: `Bearer ${token}` })
  }
  await vi.waitFor(async () => {
    const { items } = await fixture.licensing.accessTokens.list({ limit: 10 })
    expect(items.every(({ lastUsedAt }) => lastUsedAt !== null)).toBe(true)
  })
}

/** Everything stored, events and all. */
async function storedState(): Promise<string> {
  const batches = RECORD_KINDS.map((kind) => fixture.store.exportRecords(kind, null, 1000))
  return JSON.stringify(await Promise.all(batches))
}

/** Does this and expects that nothing has come of it: the storage was asked for the access token at the most. */
async function expectNoAct(action: () => Promise<void>): Promise<void> {
  const before = await storedState()
  counted.calls()
  await action()
  const look = { call: 'read', tables: ['access_tokens'] }
  for (const call of counted.calls()) expect(call).toEqual(look)
  expect(await storedState()).toBe(before)
}

/** With any method a body: `fetch` sends none with `GET`. */
function sendBroken(named: NamedRoute, token: string, headers: Record<string, string> = {}): Test {
  const { route } = named
  const path = `/licensing${requestFor(named, subject).path}`
  const test = request(fixture.server)[route.method.toLowerCase() as Lowercase<typeof route.method>](path)
  return test
    .set({ Authorization: `Bearer ${token}`, 'X-API-Key': token, 'Content-Type': 'application/json', ...headers })
    .send('{')
}

/** The answer to a body that no parser can read. */
function expectBodyError(route: NamedRoute, answer: { status: number; body: unknown }, status?: number): void {
  const wire = { status: answer.status, body: answer.body, headers: new Headers() }
  if (route.name === 'authtoolChangeStatus' && status === undefined) {
    expect({ status: wire.status, body: wire.body }).toEqual({
      status: 400,
      body: { message: 'Validation error', details: expect.any(String) },
    })
  } else {
    const family = route.route.family === 'authtool' ? 422 : 400
    expectFamilyError(route, wire, status ?? family, expect.any(String))
  }
}

const INPUTS = new Set(ALL_ROUTES.map(({ route }) => route.input))

describe("the error handler, behind an app's gate", () => {
  it.each(MUTATING_ROUTES)('does not carry out $title, which the gate did not let through', async (route) => {
    await expectNoAct(async () => {
      const gated = await sendRoute(fixture, route, subject, { token: fixture.secret, headers: { 'X-Refused': '1' } })
      expect({ status: gated.status, body: gated.body }).toEqual({ status: 403, body: { own: 'closed' } })
      for (const headers of [{}, { 'X-Refused': '1' }, { 'X-Refused': '1', 'Idempotency-Key': 'once' }]) {
        expectBodyError(route, await sendBroken(route, fixture.secret, headers))
      }
      const failed = await sendBroken(route, fixture.secret, { 'X-Failure': 'closed' })
      expect({ status: failed.status, body: failed.body }).toEqual({ status: 418, body: { own: 'closed' } })
      expectBodyError(route, await sendBroken(route, fixture.secret, { 'X-Failure': 'malformed' }))
      expectBodyError(route, await sendBroken(route, fixture.secret, { 'X-Failure': 'long' }), 413)
    })
  })

  it('tells nothing of what is stored on any other route', async () => {
    expect([...INPUTS].sort()).toEqual(['body', 'either', 'none', 'query'])
    await expectNoAct(async () => {
      for (const route of ALL_ROUTES.filter(({ route }) => !route.mutates)) {
        const answer = await sendBroken(
          { ...route, route: { ...route.route, path: route.route.path.replace('{file}', 'page.js') } },
          fixture.secret,
        )
        expectBodyError(route, answer)
      }
    })
  })

  it('gives no answer of an earlier request again', async () => {
    const reset = MUTATING_ROUTES.find(({ name }) => name === 'authtoolReset') as NamedRoute
    const headers = { 'Idempotency-Key': 'reset-once' }
    expect((await sendRoute(fixture, reset, subject, { token: fixture.secret, headers })).status).toBe(200)
    await expectNoAct(async () => {
      const answer = await sendBroken(reset, fixture.secret, headers)
      expectBodyError(reset, answer)
      expect(answer.headers['idempotent-replayed']).toBeUndefined()
    })
  })

  it('tells first whoever may not call the route at all', async () => {
    await expectNoAct(async () => {
      for (const route of MUTATING_ROUTES) {
        expect((await sendBroken(route, 'at_nobody')).status).toBe(401)
        const isForApps = route.route.scopes.every((scope) => scope === 'licenses:activate')
        if (!isForApps) expect((await sendBroken(route, fixture.publishable)).status).toBe(403)
      }
    })
  })
})
