import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { activateHost, expectRefusal, makeKey, named, PLAIN_MOUNT, post } from './actions'
import { type Fixture, MOUNTS, type Mount, START, send, startFixture, type WireRequest } from './harness'
import { expectFamilyError, MUTATING_ROUTES, type NamedRoute, requestFor, sendRoute, successStatus } from './requests'
import { makeSubject, type Subject, unknownSubject } from './subject'

const DAY_MS = 86_400_000

describe.each([PLAIN_MOUNT, MOUNTS.find(({ name }) => name.includes('parser')) as Mount])(
  'an Idempotency-Key, mounted $name',
  (mount) => {
    let fixture: Fixture
    let subject: Subject
    let otherToken: string

    beforeAll(async () => {
      fixture = await startFixture(mount)
      const scopes = MUTATING_ROUTES.flatMap(({ route }) => route.scopes)
      otherToken = (await fixture.licensing.accessTokens.create({ name: 'other', kind: 'secret', scopes })).token
    })
    afterAll(() => fixture.close())
    beforeEach(async () => {
      fixture.clock.now = START
      subject = await makeSubject(fixture)
    })
    afterEach(() => expect(fixture.logged).toEqual([]))

    const sendWith = (route: NamedRoute, key: string, request: WireRequest & { path?: string } = {}, about = subject) =>
      sendRoute(fixture, route, about, { token: fixture.secret, headers: { 'Idempotency-Key': key }, ...request })
    const effects = async () => (await fixture.licensing.events.list({}, { limit: 1 })).total
    const isReplay = ({ headers }: { headers: Headers }) => headers.get('Idempotent-Replayed')

    /** The same request with another payload: a field more, in the body or in the query. */
    const sendChanged = (route: NamedRoute, key: string) => {
      const { path, body } = requestFor(route, subject)
      const more = path.includes('?') ? '&unknown=1' : '?unknown=1'
      return sendWith(route, key, body === undefined ? { path: path + more } : { body: { ...body, unknown: 1 } })
    }

    describe.each(MUTATING_ROUTES)('on $title', (route) => {
      it('replays the answer, and does nothing again, whatever the clock says', async () => {
        const key = crypto.randomUUID()
        const first = await sendWith(route, key)
        expect(first.status, JSON.stringify(first.body)).toBe(successStatus(route))
        expect(isReplay(first)).toBeNull()
        const before = await effects()
        for (const [minutes, spelling] of [
          [0, key],
          [10, `"${key}"`],
          [24 * 60 - 1, key],
        ] as const) {
          fixture.clock.now = new Date(START.getTime() + minutes * 60_000)
          const again = await sendWith(route, spelling)
          expect({ status: again.status, body: again.body }).toEqual({ status: first.status, body: first.body })
          expect(isReplay(again)).toBe('true')
        }
        expect(await effects()).toBe(before)
      })

      it('replays a refusal, even once the request could succeed', async () => {
        if (route.name === 'createCustomer' || route.route.path.endsWith('-activate')) return
        const key = crypto.randomUUID()
        const nothing = { ...unknownSubject(subject), ...(OF_A_PRODUCT.test(route.name) && NO_PRODUCT) }
        const first = await sendWith(route, key, {}, nothing)
        expect(first.status).toBe(404)
        expect(isReplay(first)).toBeNull()
        const again = await sendWith(route, key, {}, nothing)
        expect({ status: again.status, body: again.body }).toEqual({ status: 404, body: first.body })
        expect(isReplay(again)).toBe('true')
      })

      it('refuses another payload, and does nothing', async () => {
        const key = crypto.randomUUID()
        await sendWith(route, key)
        const before = await effects()
        expectFamilyError(route, await sendChanged(route, key), 422, expect.any(String))
        expect(await effects()).toBe(before)
      })

      it('is of no use to another token', async () => {
        const key = crypto.randomUUID()
        await sendWith(route, key)
        expect(isReplay(await sendWith(route, key, { token: otherToken }))).toBeNull()
      })

      it('does nothing for a caller who may not, and is not used up', async () => {
        const key = crypto.randomUUID()
        const { accessTokens } = fixture.licensing
        const reader = await accessTokens.create({ name: 'reader', kind: 'secret', scopes: ['licenses:read'] })
        expect((await sendWith(route, key, { token: 'at_nobody' })).status).toBe(401)
        expect((await sendWith(route, key, { token: reader.token })).status).toBe(403)
        if (route.route.input === 'body') {
          expect((await sendWith(route, key, { rawBody: '{' })).status).toBeGreaterThanOrEqual(400)
          expect((await sendWith(route, key, { rawBody: ' '.repeat(100_001) })).status).toBe(413)
          const text = { 'Idempotency-Key': key, 'Content-Type': 'text/plain' }
          expect((await sendWith(route, key, { headers: text })).status).toBe(415)
          expect((await sendWith(route, key, { body: {} })).status).toBeGreaterThanOrEqual(400)
        }
        const served = await sendWith(route, key)
        expect({ status: served.status, replayed: isReplay(served) }).toEqual({
          status: successStatus(route),
          replayed: null,
        })
      })

      it('is forgotten after 24 hours', async () => {
        const key = crypto.randomUUID()
        await sendWith(route, key)
        fixture.clock.now = new Date(START.getTime() + DAY_MS)
        expect(isReplay(await sendWith(route, key))).toBeNull()
        await fixture.licensing.runHousekeeping()
      })

      it.each(['', 'x'.repeat(256), '""', 'naïve', '\t'])('is refused as %j', async (key) => {
        const before = await effects()
        const answer = await sendWith(route, key)
        expectFamilyError(route, answer, route.route.family === 'authtool' ? 422 : 400, expect.any(String))
        expect(await effects()).toBe(before)
      })

      it('may have 255 characters, quoted or not', async () => {
        const key = `${'x'.repeat(253)}\\"`
        const first = await sendWith(route, key)
        expect(first.status).toBe(successStatus(route))
        expect(isReplay(await sendWith(route, `"${'x'.repeat(253)}\\\\\\""`))).toBe('true')
      })
    })
  },
)

/** Routes that are about a product, and no license of it. */
const OF_A_PRODUCT = /reateKey$|^startTrial$/
const NO_PRODUCT = { productId: 'none_0000000000000000000000' }

describe('an Idempotency-Key', () => {
  let fixture: Fixture

  beforeAll(async () => {
    fixture = await startFixture(PLAIN_MOUNT)
  })
  afterAll(() => fixture.close())

  const headers = { 'Idempotency-Key': 'the same' }

  it('counts for one method and path', async () => {
    const key = await makeKey(fixture, { maxActivations: 1 })
    const body = named(fixture, key, { hostId: 'host' })
    for (const path of ['/key/activate', '/activate-key', '/key/deactivate', '/deactivate-key']) {
      const answer = await post(fixture, path, body, { headers })
      expect(answer.headers.get('Idempotent-Replayed')).toBeNull()
    }
    expect((await post(fixture, '/key/activate', body, { headers })).headers.get('Idempotent-Replayed')).toBe('true')
  })

  it('keeps a refusal of the license after its reason is gone', async () => {
    const key = await makeKey(fixture, { maxActivations: 1 })
    await activateHost(fixture, key, 'first')
    const body = named(fixture, key, { hostId: 'second' })
    const request = { headers: { 'Idempotency-Key': 'refused' } }
    expectRefusal(await post(fixture, '/key/activate', body, request), 403, 2, 'Activation limit reached')
    await fixture.licensing.licenses.update(key, { maxActivations: 2 })
    const again = await post(fixture, '/key/activate', body, request)
    expectRefusal(again, 403, 2, 'Activation limit reached')
    expect(again.headers.get('Idempotent-Replayed')).toBe('true')
    expect((await activateHost(fixture, key, 'second')).status).toBe(200)
  })

  it('replays a host id and a license token to the last byte after the license has changed', async () => {
    const key = await makeKey(fixture, { metadata: { old: true } })
    const body = named(fixture, key)
    const request = { headers: { 'Idempotency-Key': 'token' } }
    const first = await post(fixture, '/key/activate', body, request)
    await fixture.licensing.licenses.update(key, { metadata: { old: false }, expiresAt: fixture.clock.now })
    fixture.clock.now = new Date(START.getTime() + 3_600_000)
    const again = await post(fixture, '/key/activate', body, request)
    fixture.clock.now = START
    expect(again.body).toEqual(first.body)
  })

  it('keeps the refusal of an email that was taken', async () => {
    const email = 'taken@example.com'
    const taken = await fixture.licensing.customers.create({ name: 'First', email })
    const request = { headers: { 'Idempotency-Key': 'taken' } }
    const message = 'Customer with this email already exists'
    expectRefusal(await post(fixture, '/customer', { name: 'Second', email }, request), 409, 1, message)
    await fixture.licensing.customers.delete(taken.id)
    const again = await post(fixture, '/customer', { name: 'Second', email }, request)
    expectRefusal(again, 409, 1, message)
    expect(again.headers.get('Idempotent-Replayed')).toBe('true')
  })

  it('replays a deletion to a token with a product list, which finds nothing any more', async () => {
    const { productId, licensing, url } = fixture
    const { token } = await licensing.accessTokens.create({
      name: 'editor only',
      kind: 'secret',
      scopes: ['licenses:write'],
      productIds: [productId],
    })
    const path = `/public/v1/key/${await makeKey(fixture)}`
    const remove = () => send(url, 'DELETE', path, { token, headers: { 'Idempotency-Key': 'delete' } })
    const first = await remove()
    expect(first.status).toBe(200)
    const again = await remove()
    expect({ body: again.body, replayed: again.headers.get('Idempotent-Replayed') }).toEqual({
      body: first.body,
      replayed: 'true',
    })
    expect((await send(url, 'DELETE', path, { token })).status).toBe(404)
  })
})
