import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { expectAnswer, expectMalformed, expectRefusal, makeKey, named, PLAIN_MOUNT, post, UNKNOWN_KEY } from './actions'
import { type Fixture, START, startFixture } from './harness'
import { checkOut, type HeldSession, proofOf } from './subject'

let fixture: Fixture

beforeAll(async () => {
  fixture = await startFixture(PLAIN_MOUNT)
})
afterAll(() => fixture.close())
afterEach(() => {
  fixture.clock.now = START
})

const makeFloating = (terms: Record<string, unknown> = {}) =>
  makeKey(fixture, { licenseType: 'floating', maxConcurrentSessions: 2, expiryDate: '2030-01-01', ...terms })
const checkout = (key: string, fields: Record<string, unknown> = {}) =>
  post(fixture, '/key/checkout', named(fixture, key, { hostId: 'host', ...fields }))
const prove = (path: string, key: string, session: HeldSession, fields: object = {}, token = fixture.secret) =>
  post(fixture, path, named(fixture, key, { ...proofOf(session), ...fields }), { token })
const heartbeat = (key: string, session: HeldSession, fields?: object) => prove('/key/heartbeat', key, session, fields)
const checkin = (key: string, session: HeldSession, fields?: object) => prove('/key/checkin', key, session, fields)
const wait = (seconds: number) => {
  fixture.clock.now = new Date(fixture.clock.now.getTime() + seconds * 1000)
}

const BAD_SIGNATURE = 'Invalid session signature'

describe('checkout', () => {
  it('answers the seat, and nothing else', async () => {
    const key = await makeFloating({
      newCustomer: { name: 'Ada', email: 'seat@example.com' },
      metadata: { team: 1 },
      heartbeatInterval: 120,
      sessionLeaseDuration: 600,
    })
    expectAnswer(await checkout(key, { deviceTag: 'desk', userIdentifier: 'ada' }), 200, {
      code: 0,
      message: expect.any(String),
      sessionId: expect.stringMatching(/^[\w-]{22}$/),
      sessionSecret: expect.stringMatching(/^[\w-]{43}$/),
      nextNonce: expect.any(String),
      expiresAt: '2026-06-15T12:10:00.000Z',
      heartbeatInterval: 120,
      metadata: { team: 1 },
      expirationDate: '2030-01-01T00:00:00.000Z',
      currentSessions: 1,
      maxSessions: 2,
      licenseeName: 'Ada',
      licenseeEmail: 'seat@example.com',
    })
  })

  it('lends for a quarter of an hour, without an end to seats, by default', async () => {
    const { body } = await checkout(await makeFloating({ maxConcurrentSessions: null }))
    expect(body).toMatchObject({ expiresAt: '2026-06-15T12:15:00.000Z', heartbeatInterval: 300, maxSessions: 0 })
    expect(body).toMatchObject({ metadata: null, currentSessions: 1 })
    expect(body).not.toHaveProperty('licenseeName')
    expect(body).not.toHaveProperty('licenseeEmail')
  })

  it('never lends past the expiry of the license', async () => {
    const key = await makeFloating({ expiryDate: '2026-06-15T12:05:00Z' })
    expect((await checkout(key)).body.expiresAt).toBe('2026-06-15T12:05:00.000Z')
    wait(300)
    expectRefusal(await checkout(key), 403, 2, 'License expired')
  })

  it('gives the same seat the same session, with a new secret and nonce; the old ones are worth nothing', async () => {
    const key = await makeFloating({ maxConcurrentSessions: 1 })
    const first = await checkOut(fixture, key, 'host')
    const again = await checkout(key)
    expect(again.body).toMatchObject({ sessionId: first.id, currentSessions: 1 })
    expect(again.body.sessionSecret).not.toBe(first.secret)
    expect(again.body.nextNonce).not.toBe(first.nonce)
    expectRefusal(await heartbeat(key, first), 401, 1, BAD_SIGNATURE)
    const session = { id: again.body.sessionId, secret: again.body.sessionSecret, nonce: again.body.nextNonce }
    expectRefusal(await heartbeat(key, { ...session, nonce: first.nonce }), 401, 1, BAD_SIGNATURE)
    expect((await heartbeat(key, session)).status).toBe(200)
  })

  it('tells users of one host apart, and takes no user as one', async () => {
    const key = await makeFloating({ maxConcurrentSessions: 3 })
    const ids = []
    for (const userIdentifier of [undefined, null, 'ada', 'grace', 'ada']) {
      ids.push((await checkout(key, { userIdentifier })).body.sessionId)
    }
    expect(ids[1]).toBe(ids[0])
    expect(ids[4]).toBe(ids[2])
    expect(new Set(ids).size).toBe(3)
    expectRefusal(await checkout(key, { hostId: 'other', userIdentifier: 'ada' }), 403, 2, 'Activation limit reached')
  })

  it('takes licenses of its own type only, as activate does', async () => {
    expectRefusal(await checkout(await makeKey(fixture)), 403, 2, 'Wrong license type')
    const floating = named(fixture, await makeFloating(), { hostId: 'host' })
    for (const path of ['/key/activate', '/activate-key', '/key/sign']) {
      expectRefusal(await post(fixture, path, { ...floating, ttl: 60 }), 403, 2, 'Wrong license type')
    }
  })

  it.each([
    [{ hostId: undefined }, 'Missing required params'],
    [{ hostId: null }, 'Missing required params'],
    [{ hostId: '' }, 'hostId'],
    [{ hostId: 'x'.repeat(65) }, 'hostId'],
    [{ userIdentifier: '' }, 'userIdentifier'],
    [{ userIdentifier: 'x'.repeat(257) }, 'userIdentifier'],
    [{ deviceTag: 5 }, 'deviceTag'],
  ])('refuses %j, and takes no seat', async (fields, message) => {
    const key = await makeFloating({ maxConcurrentSessions: 1 })
    expectMalformed(await checkout(key, fields), message)
    expect((await checkout(key, { hostId: 'next' })).body.currentSessions).toBe(1)
  })
})

describe.each([
  [
    'heartbeat',
    heartbeat,
    { code: 0, message: expect.any(String), expiresAt: expect.any(String), nextNonce: expect.any(String) },
  ],
  ['checkin', checkin, { code: 0, message: expect.any(String) }],
])('%s', (name, call, answered) => {
  it('takes the last nonce, signed, and answers so much', async () => {
    const key = await makeFloating()
    expectAnswer(await call(key, await checkOut(fixture, key, 'host')), 200, answered)
  })

  it('takes a signature in capitals', async () => {
    const key = await makeFloating()
    const session = await checkOut(fixture, key, 'host')
    expect((await call(key, session, { signature: proofOf(session).signature.toUpperCase() })).status).toBe(200)
  })

  it('refuses what proves nothing, and leaves the seat as it is', async () => {
    const key = await makeFloating({ maxConcurrentSessions: 1 })
    const session = await checkOut(fixture, key, 'host')
    const signed = proofOf(session)
    const other = proofOf({ ...session, nonce: 'another nonce' })
    const forged: object[] = [
      { signature: '0'.repeat(64) },
      { signature: 'short' },
      { signature: signed.signature.slice(0, -1) },
      { signature: `${signed.signature}0` },
      { signature: other.signature },
      { timestamp: other.timestamp },
      { timestamp: other.timestamp, signature: other.signature },
      { signature: proofOf({ ...session, secret: 'guess' }).signature },
      { signature: proofOf({ ...session, id: 'another' }).signature },
    ]
    for (const fields of forged) expectRefusal(await call(key, session, fields), 401, 1, BAD_SIGNATURE)
    expectRefusal(await checkout(key, { hostId: 'other' }), 403, 2, 'Activation limit reached')
    expect((await call(key, session)).status).toBe(200)
  })

  it('refuses a nonce used before', async () => {
    const key = await makeFloating()
    const session = await checkOut(fixture, key, 'host')
    const { body } = await heartbeat(key, session)
    expectRefusal(await call(key, session), 401, 1, BAD_SIGNATURE)
    expect((await call(key, { ...session, nonce: body.nextNonce })).status).toBe(200)
  })

  it('20 times at once with one nonce: once', async () => {
    const key = await makeFloating()
    const session = await checkOut(fixture, key, 'host')
    const answers = await Promise.all(Array.from({ length: 20 }, () => call(key, session)))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    const lost = answers.filter(({ status }) => status !== 200)
    for (const answer of lost) expect([401, 404]).toContain(answer.status)
  })

  it('finds no session that is unknown, lapsed, ended or of another license', async () => {
    const key = await makeFloating()
    const session = await checkOut(fixture, key, 'host')
    const gone = 'Session not found'
    expectRefusal(await call(key, { ...session, id: 'none' }), 404, 1, gone)
    expectRefusal(await call(await makeFloating(), session), 404, 1, gone)
    expectRefusal(await call(UNKNOWN_KEY, session), 404, 1, 'Invalid license key')
    wait(900)
    expectRefusal(await call(key, session), 404, 1, gone)
    const ended = await checkOut(fixture, key, 'host')
    await checkin(key, ended)
    expectRefusal(await call(key, ended), 404, 1, gone)
  })

  it.each(['sessionId', 'timestamp', 'signature', 'productId', 'licenseKey'])('needs %s', async (field) => {
    const key = await makeFloating()
    const session = await checkOut(fixture, key, 'host')
    expectRefusal(await call(key, session, { [field]: null }), 400, 1, 'Missing required params')
    expectMalformed(await call(key, session, { [field]: 5 }), field)
  })

  it(`${name === 'checkin' ? 'ends' : 'cannot renew'} a session of a blocked license`, async () => {
    const key = await makeFloating()
    const session = await checkOut(fixture, key, 'host')
    await fixture.licensing.licenses.block(key)
    const answer = await call(key, session)
    if (name === 'checkin') expect(answer.status).toBe(200)
    else expectRefusal(answer, 403, 2, 'License not activated')
  })
})

describe('a lease', () => {
  it('is renewed by each heartbeat, and its seat free once it lapses, by the clock alone', async () => {
    const key = await makeFloating({ maxConcurrentSessions: 1, sessionLeaseDuration: 300 })
    let session = await checkOut(fixture, key, 'host')
    for (let beats = 0; beats < 3; beats++) {
      wait(299)
      const { body } = await heartbeat(key, session)
      expect(body.expiresAt).toBe(new Date(fixture.clock.now.getTime() + 300_000).toISOString())
      session = { ...session, nonce: body.nextNonce }
      expectRefusal(await checkout(key, { hostId: 'waiting' }), 403, 2, 'Activation limit reached')
    }
    wait(299.999)
    expectRefusal(await checkout(key, { hostId: 'waiting' }), 403, 2, 'Activation limit reached')
    wait(0.001)
    expect((await checkout(key, { hostId: 'waiting' })).body).toMatchObject({ currentSessions: 1 })
    expectRefusal(await heartbeat(key, session), 404, 1, 'Session not found')
  })

  it('a session that lapsed is another one when it is taken again', async () => {
    const key = await makeFloating()
    const first = await checkOut(fixture, key, 'host')
    wait(900)
    expect((await checkOut(fixture, key, 'host')).id).not.toBe(first.id)
  })
})

describe('a publishable token', () => {
  it('takes a seat, keeps it and gives it back', async () => {
    const token = fixture.publishable
    const key = await makeFloating({ maxConcurrentSessions: 1 })
    const { status, body } = await post(fixture, '/key/checkout', named(fixture, key, { hostId: 'host' }), { token })
    expect(status).toBe(200)
    const session = { id: body.sessionId, secret: body.sessionSecret, nonce: body.nextNonce }
    const beat = await prove('/key/heartbeat', key, session, {}, token)
    expect(beat.status).toBe(200)
    const last = { ...session, nonce: beat.body.nextNonce }
    expect((await prove('/key/checkin', key, last, {}, token)).status).toBe(200)
    expect((await checkout(key, { hostId: 'other' })).status).toBe(200)
  })
})
