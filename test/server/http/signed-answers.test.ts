import { createHash } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { makeKey, named, PLAIN_MOUNT, post, UNKNOWN_KEY } from './actions'
import { type Fixture, send, startFixture, type WireAnswer } from './harness'
import { createHostKey, sendAsApp } from './host-key'
import { verifyIndependently } from './independent-verifier'

const NONCE = 'AAAABBBBCCCCDDDDEEEEFF'
const HASH = (key: string) => createHash('sha256').update(`keyslot-asked\0${key}`).digest('base64url').slice(0, 16)

let fixture: Fixture
beforeEach(async () => {
  fixture = await startFixture(PLAIN_MOUNT)
})
afterEach(() => fixture.close())

const withNonce = (nonce = NONCE) => ({ headers: { 'Keyslot-Nonce': nonce } })
const signedIn = ({ headers }: WireAnswer) => {
  const text = headers.get('keyslot-answer')
  return text === null ? undefined : verifyIndependently(text, fixture.licensing.jwks, 'keyslot-answer+jwt').claims
}
const iat = () => Math.floor(fixture.clock.now.getTime() / 1000)

describe('a no to a request with a nonce', () => {
  it('is signed, for what the request asked about', async () => {
    const key = await makeKey(fixture)
    const body = named(fixture, key.toLowerCase(), { hostId: 'h1.host' })
    const answer = await sendAsApp(fixture, '/key/validate', body, undefined, withNonce())
    expect(answer.body).toEqual({ code: 0, valid: false, reason: 'not-activated' })
    expect(signedIn(answer)).toEqual({
      iss: 'keyslot',
      iat: iat(),
      nonce: NONCE,
      code: 'not-activated',
      product: fixture.productId,
      license: HASH(key.toLowerCase()),
      host: 'h1.host',
    })
  })

  it.each(['/key/activate', '/activate-key', '/key/checkout', '/key/deactivate', '/deactivate-key', '/key/validate'])(
    'is signed on %s, of a key that is unknown too',
    async (path) => {
      const body = named(fixture, UNKNOWN_KEY, { hostId: 'host' })
      const answer = await sendAsApp(fixture, path, body, undefined, withNonce())
      expect(answer.status).toBe(404)
      expect(answer.headers.get('keyslot-error')).toBe('LICENSE_NOT_FOUND')
      expect(signedIn(answer)).toMatchObject({ code: 'LICENSE_NOT_FOUND', license: HASH(UNKNOWN_KEY), nonce: NONCE })
    },
  )

  it('names the session of a floating license', async () => {
    const key = await makeKey(fixture, { licenseType: 'floating' })
    const body = named(fixture, key, { sessionId: 'AAAAAAAAAAAAAAAAAAAAAA', timestamp: 'n', signature: 'ab' })
    for (const path of ['/key/heartbeat', '/key/checkin']) {
      const answer = await sendAsApp(fixture, path, body, undefined, withNonce())
      expect(signedIn(answer)).toMatchObject({
        code: 'SESSION_NOT_FOUND',
        session: 'AAAAAAAAAAAAAAAAAAAAAA',
        host: null,
      })
    }
  })

  it('of a floating seat is a lease, signed for this request; without a nonce there is none', async () => {
    const key = await makeKey(fixture, { licenseType: 'floating' })
    const body = named(fixture, key, { hostId: 'host' })
    const plain = await sendAsApp(fixture, '/key/checkout', body)
    expect(plain.body).not.toHaveProperty('lease')
    const { body: granted } = await sendAsApp(fixture, '/key/checkout', body, undefined, withNonce())
    const lease = verifyIndependently(String(granted.lease), fixture.licensing.jwks, 'keyslot-lease+jwt')
    expect(lease.claims).toEqual({
      iss: 'keyslot',
      iat: iat(),
      exp: Math.floor(Date.parse(String(granted.expiresAt)) / 1000),
      // A license that is made without an end has one by KeyMint's default.
      end: expect.any(Number),
      nonce: NONCE,
      session: granted.sessionId,
    })
  })

  it('says which key was proven, so that a stripped proof is told from one of another key', async () => {
    const key = await makeKey(fixture)
    const body = named(fixture, key, { hostId: 'host' })
    const [own, stranger] = [createHostKey(), createHostKey()]
    await sendAsApp(fixture, '/key/activate', body, own)
    const other = await sendAsApp(fixture, '/key/validate', body, stranger, withNonce())
    const stripped = await sendAsApp(fixture, '/key/validate', body, undefined, withNonce())
    expect(signedIn(other)).toMatchObject({ code: 'PROOF_REQUIRED', proof: stranger.thumbprint })
    expect(signedIn(stripped)).not.toHaveProperty('proof')
    expect(signedIn(stripped)).toMatchObject({ code: 'PROOF_REQUIRED' })
  })

  it('may have it in the body, where a proxy has taken the header out; the header counts before it', async () => {
    const key = await makeKey(fixture)
    const body = { ...named(fixture, key, { hostId: 'host' }), keyslotNonce: NONCE }
    expect(signedIn(await sendAsApp(fixture, '/key/validate', body))).toMatchObject({ nonce: NONCE })
    const other = 'GGGGHHHHIIIIJJJJKKKKLL'
    const both = await sendAsApp(fixture, '/key/validate', body, undefined, withNonce(other))
    expect(signedIn(both)).toMatchObject({ nonce: other })
    for (const keyslotNonce of ['short', 7, null, {}, ['AAAABBBBCCCCDDDDEEEEFF']]) {
      expect(signedIn(await sendAsApp(fixture, '/key/validate', { ...body, keyslotNonce }))).toBeUndefined()
    }
  })

  it('in the body is no part of what an idempotency key repeats', async () => {
    const body = { ...named(fixture, await makeKey(fixture), { hostId: 'host' }), deviceTag: 'one' }
    const send = (changes: object) =>
      sendAsApp(fixture, '/key/activate', { ...body, ...changes }, undefined, {
        headers: { 'Idempotency-Key': 'nonce-in-body' },
      })
    expect((await send({ keyslotNonce: NONCE })).status).toBe(200)
    const again = await send({ keyslotNonce: 'GGGGHHHHIIIIJJJJKKKKLL' })
    expect([again.status, again.headers.get('idempotent-replayed')]).toEqual([200, 'true'])
    expect((await send({ keyslotNonce: NONCE, deviceTag: 'two' })).status).toBe(422)
  })

  it('is signed anew where the first answer is told again, whoever asked before', async () => {
    const body = named(fixture, UNKNOWN_KEY, { hostId: 'host' })
    const again = (nonce: string) =>
      sendAsApp(fixture, '/key/activate', body, undefined, {
        headers: { 'Keyslot-Nonce': nonce, 'Idempotency-Key': 'one' },
      })
    const [first, second] = [await again(NONCE), await again('another-nonce-of-a-try')]
    expect(signedIn(first)).toMatchObject({ nonce: NONCE })
    expect(signedIn(second)).toMatchObject({ nonce: 'another-nonce-of-a-try' })
  })

  it.each<[string, object | undefined]>([
    ['none', undefined],
    ['one that is too short', withNonce('short')],
    ['one that is too long', withNonce('a'.repeat(65))],
    ['one that is no base64url', withNonce('AAAABBBBCCCCDDDD EEEEFF')],
  ])('is not signed for %s', async (_, request) => {
    const body = named(fixture, UNKNOWN_KEY, { hostId: 'host' })
    const answer = await sendAsApp(fixture, '/key/activate', body, undefined, request)
    expect([answer.status, signedIn(answer)]).toEqual([404, undefined])
  })

  it('is not signed before it has passed what strangers are held to, nor where a later try may mend it', async () => {
    const body = named(fixture, UNKNOWN_KEY, { hostId: 'host' })
    const stranger = await send(fixture.url, 'POST', '/key/activate', { token: 'pk_no', body, ...withNonce() })
    expect([stranger.status, signedIn(stranger)]).toEqual([401, undefined])
    const shapeless = await sendAsApp(fixture, '/key/activate', {}, undefined, withNonce())
    expect([shapeless.status, signedIn(shapeless)]).toEqual([400, undefined])
    await fixture.close()
    fixture = await startFixture(PLAIN_MOUNT, { rateLimits: { wrongKeysPerAddress: 1 } })
    const unknown = named(fixture, UNKNOWN_KEY, { hostId: 'host' })
    const answers = []
    for (let tries = 0; tries < 3; tries++) {
      answers.push(await sendAsApp(fixture, '/key/activate', unknown, undefined, withNonce()))
    }
    expect(answers.map((one) => [one.status, signedIn(one) !== undefined])).toEqual([
      [404, true],
      [429, false],
      [429, false],
    ])
  })

  it('is not signed on routes that no app calls', async () => {
    const answer = await post(fixture, '/key/block', named(fixture, UNKNOWN_KEY), withNonce())
    expect([answer.status, signedIn(answer)]).toEqual([404, undefined])
  })
})

describe('a license token', () => {
  const claimsOf = (token: string) => verifyIndependently(token, fixture.licensing.jwks).claims

  it('says that answers are signed, and carries the nonce of its request, at no further signature', async () => {
    const key = await makeKey(fixture)
    const body = named(fixture, key, { hostId: 'host' })
    for (const path of ['/key/activate', '/key/validate']) {
      const answer = await sendAsApp(fixture, path, body, undefined, withNonce())
      expect(claimsOf(answer.body.licenseToken)).toMatchObject({ ans: 1, nonce: NONCE })
      expect(answer.headers.has('keyslot-answer')).toBe(false)
      const plain = await sendAsApp(fixture, path, body)
      expect(claimsOf(plain.body.licenseToken)).not.toHaveProperty('nonce')
    }
  })

  it('that is told again carries the nonce of the try, and is the first one in all else', async () => {
    const body = named(fixture, await makeKey(fixture), { hostId: 'host' })
    const again = async (nonce: string) => {
      const headers = { 'Keyslot-Nonce': nonce, 'Idempotency-Key': 'one' }
      const answer = await sendAsApp(fixture, '/key/activate', body, undefined, { headers })
      return claimsOf(answer.body.licenseToken)
    }
    const first = await again(NONCE)
    fixture.clock.now = new Date(fixture.clock.now.getTime() + 60_000)
    expect(await again('another-nonce-of-a-try')).toEqual({ ...first, nonce: 'another-nonce-of-a-try' })
  })

  it('in a license file carries none', async () => {
    const body = named(fixture, await makeKey(fixture), { hostId: 'host', ttl: 3600 })
    const { licenseToken } = (await post(fixture, '/key/sign', body, withNonce())).body.file
    expect(claimsOf(licenseToken)).toMatchObject({ ans: 1 })
    expect(claimsOf(licenseToken)).not.toHaveProperty('nonce')
  })
})

describe('a page of another origin', () => {
  it('may read both headers of a no, and what the host app exposes', async () => {
    await fixture.close()
    fixture = await startFixture({
      ...PLAIN_MOUNT,
      mount(app, licensing) {
        app.use((_req, res, next) => {
          res.setHeader('Access-Control-Expose-Headers', 'X-Host')
          next()
        })
        PLAIN_MOUNT.mount(app, licensing)
      },
    })
    const answer = await sendAsApp(fixture, '/key/activate', named(fixture, UNKNOWN_KEY, { hostId: 'host' }))
    expect(answer.headers.get('access-control-expose-headers')).toBe('X-Host, Keyslot-Error, Keyslot-Answer')
    const fine = await send(fixture.url, 'GET', '/healthz')
    expect(fine.headers.get('access-control-expose-headers')).toBe('X-Host')
  })
})

describe('GET /.well-known/time', () => {
  const time = (query: string) => fetch(`${fixture.url}/.well-known/time${query}`)

  it('answers the time, signed for the nonce', async () => {
    const answer = await time(`?nonce=${NONCE}`)
    expect(answer.status).toBe(200)
    expect(answer.headers.get('content-type')).toBe('application/jose')
    expect(answer.headers.get('cache-control')).toBe('no-store')
    const { claims } = verifyIndependently(await answer.text(), fixture.licensing.jwks, 'keyslot-time+jwt')
    expect(claims).toEqual({ iss: 'keyslot', iat: iat(), nonce: NONCE })
  })

  it.each(['', '?nonce=', '?nonce=short', `?nonce=${'a'.repeat(65)}`, `?nonce=${NONCE}&nonce=${NONCE}`])(
    'takes no request with %j',
    async (query) => {
      const answer = await time(query)
      expect(answer.status).toBe(400)
      expect(answer.headers.get('keyslot-error')).toMatch(/^(MISSING_PARAMS|INVALID_REQUEST)$/)
    },
  )

  it('has the limit of all that is open', async () => {
    await fixture.close()
    fixture = await startFixture(PLAIN_MOUNT, { rateLimits: { openPerAddress: 1 } })
    const statuses = [await time(`?nonce=${NONCE}`), await time(`?nonce=${NONCE}`)].map(({ status }) => status)
    expect(statuses).toEqual([200, 429])
  })
})
